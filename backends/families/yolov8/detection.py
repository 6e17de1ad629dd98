"""Object detection with YOLOv8, v9, v11 and v12."""

from __future__ import annotations

from collections.abc import Sequence

from backends.families.family import Family, keep_classes
from backends.families.yolov8.outputs import Candidates, read_final, read_raw, require_nms
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters
from backends.postprocessing.boxes import to_image
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class YoloV8Detection(Family):
    """Output (4 + classes, candidates), or with fused suppression (candidates, 6).

    With fused suppression the network has chosen already: of the parameters only the confidence counts.
    """

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        require_nms(config)
        return super().adapt(config)

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        threshold = self.threshold(parameters)
        if require_nms(self.config):
            found = read_final(outputs[0], 0, threshold, strict=False)
        else:
            found = read_raw(outputs[0], 0, threshold, parameters)
        return detected(self, found, geometry, parameters)


def detected(family: Family, found: Candidates, geometry: Geometry, parameters: InferenceParameters) -> Detections:
    """Boxes on the image, of the classes that the request wants."""
    detections = Detections(
        xyxy=to_image(found.xyxy, geometry),
        class_id=found.class_id,
        confidence=found.confidence,
        class_names=family.class_names,
        image_size=geometry.original,
    )
    return keep_classes(detections, parameters.class_filter)
