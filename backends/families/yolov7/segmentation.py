"""Instance segmentation with YOLOv7."""

from __future__ import annotations

import numpy as np

from backends.families.yolov5.outputs import ClassIds, Floats, Marks
from backends.families.yolov5.segmentation import ObjectnessSegmentation
from backends.parameters import InferenceParameters
from backends.postprocessing.confidence import Threshold, threshold_of


class YoloV7Segmentation(ObjectnessSegmentation):
    """The first of five outputs or more, and the fifth for prototypes. The threshold is compared with the confidence.

    With recommendations for classes, that of the network's class counts, and that for all where the objectness won.
    """

    outputs_needed = 5

    def threshold(self, parameters: InferenceParameters) -> Threshold:
        threshold = super().threshold(parameters)
        if not isinstance(threshold, np.ndarray):
            return threshold
        assert self.recommended is not None
        of_all = np.array([self.recommended.confidence], dtype=np.float32)
        return np.concatenate((of_all, threshold))

    def chosen(self, candidates: Floats, confidence: Floats, class_id: ClassIds, threshold: Threshold) -> Marks:
        return ~(confidence <= threshold_of(threshold, class_id))
