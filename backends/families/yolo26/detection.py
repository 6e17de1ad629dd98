"""Object detection with YOLO26."""

from __future__ import annotations

from collections.abc import Sequence

from backends.families.family import Family
from backends.families.yolov8.detection import detected
from backends.families.yolov8.outputs import read_final
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class Yolo26Detection(Family):
    """Output (candidates, 6), one box an object. Of the parameters only confidence and class filter count."""

    default_confidence = 0.25

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        found = read_final(outputs[0], 0, self.threshold(parameters), strict=False)
        return detected(self, found, geometry, parameters)
