"""Key points with YOLO26."""

from __future__ import annotations

from collections.abc import Sequence

from backends.families.yolov8.key_points import YoloKeyPoints
from backends.families.yolov8.outputs import read_final
from backends.parameters import InferenceParameters
from backends.predictions import KeyPoints
from backends.preprocessing import Geometry
from backends.session import Array


class Yolo26KeyPoints(YoloKeyPoints):
    """Output (candidates, 6 + 3 x key points), one box an object. Of the parameters the two thresholds count."""

    default_confidence = 0.25
    default_key_points_threshold = 0.3

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> KeyPoints:
        found = read_final(outputs[0], self.extras, self.threshold(parameters), strict=False)
        return self.placed(found, geometry, parameters)
