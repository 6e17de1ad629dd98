"""Instance segmentation with YOLO26."""

from __future__ import annotations

from collections.abc import Sequence

from backends.families.family import Family
from backends.families.yolov8.outputs import read_final
from backends.families.yolov8.segmentation import COEFFICIENTS, segmented
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class Yolo26Segmentation(Family):
    """Outputs (candidates, 38) and prototypes (32, height/4, width/4); masks are the logits above zero."""

    default_confidence = 0.25
    outputs_needed = 2
    output_names = ("output0", "output1")

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        found = read_final(outputs[0], COEFFICIENTS, self.threshold(parameters), strict=False)
        return segmented(self, found, outputs[1], geometry, parameters, threshold=0.0, smooth=False)
