"""Object detection with YOLOv10."""

from __future__ import annotations

from collections.abc import Sequence

from backends.families.family import Family
from backends.families.yolov8.detection import detected
from backends.families.yolov8.outputs import read_final
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class YoloV10Detection(Family):
    """Output (candidates, 6), one box an object, best first; the overlap threshold has no meaning here.

    The network is always fed at the size that it was trained for.
    """

    takes_image_size = False

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        threshold = self.threshold(parameters)
        found = read_final(outputs[0], 0, threshold, strict=True, max_detections=parameters.max_detections)
        return detected(self, found, geometry, parameters)
