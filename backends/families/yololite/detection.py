"""Object detection with YOLO-lite."""

from __future__ import annotations

from collections.abc import Sequence

from backends.families.family import Family
from backends.families.yolov8.detection import detected
from backends.families.yolov8.outputs import best_classes, read_final, require_shape, suppressed
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.activation import sigmoid
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class YoloLiteDetection(Family):
    """Outputs, in order: corners (candidates, 4) in pixels of the network's input, logits of objectness (candidates, 1)
    and of classes (candidates, classes); with fused suppression one, (candidates, 6).

    A score is the product of both probabilities. With fused suppression the network has chosen already: of the
    parameters only the confidence counts, and one equal to it is enough. ``post_processing`` may be missing.
    """

    default_confidence = 0.25

    def __init__(
        self,
        config: InferenceConfig,
        class_names: tuple[str, ...],
        recommended: RecommendedParameters | None = None,
    ) -> None:
        super().__init__(config, class_names, recommended)
        self._fused = config.post_processing is not None and config.post_processing.fused
        self.outputs_needed = 1 if self._fused else 3

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        threshold = self.threshold(parameters)
        if self._fused:
            return detected(self, read_final(outputs[0], 0, threshold, strict=False), geometry, parameters)
        boxes, objectness, classes = outputs[:3]
        count = len(boxes) if boxes.ndim else 0
        require_shape(boxes, boxes.ndim == 2 and boxes.shape[1] == 4, "(candidates, 4)")
        require_shape(objectness, objectness.shape == (count, 1), "(candidates, 1) as its second one")
        fits = classes.ndim == 2 and len(classes) == count and classes.shape[1] > 0
        require_shape(classes, fits, "(candidates, classes) as its third one")
        chosen, confidence, class_id = best_classes(sigmoid(objectness) * sigmoid(classes), threshold)
        return detected(self, suppressed(boxes[chosen], confidence, class_id, parameters), geometry, parameters)
