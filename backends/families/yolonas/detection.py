"""Object detection with YOLO-NAS."""

from __future__ import annotations

from collections.abc import Sequence

from backends.errors import PackageConfigInvalid
from backends.families.family import Family
from backends.families.yolov8.detection import detected
from backends.families.yolov8.outputs import best_classes, require_nms, require_shape, suppressed
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class YoloNasDetection(Family):
    """Outputs, in order: corners (candidates, 4) in pixels of the network's input, and scores (candidates, classes).

    An engine has them in its own order, as in the reference library. The network is always fed at the size that it was
    trained for.
    """

    outputs_needed = 2
    takes_image_size = False

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        if require_nms(config):
            raise PackageConfigInvalid(
                "inference_config.json: post_processing.fused must be false for this architecture."
            )
        return super().adapt(config)

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        boxes, scores = outputs[:2]
        require_shape(boxes, boxes.ndim == 2 and boxes.shape[1] == 4, "(candidates, 4)")
        fits = scores.ndim == 2 and len(scores) == len(boxes) and scores.shape[1] > 0
        require_shape(scores, fits, "(candidates, classes) as its second one")
        chosen, confidence, class_id = best_classes(scores, self.threshold(parameters))
        return detected(self, suppressed(boxes[chosen], confidence, class_id, parameters), geometry, parameters)
