"""Instance segmentation with YOLOv5."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from backends.families.family import Family
from backends.families.yolov5.outputs import (
    OBJECTNESS,
    ClassIds,
    Floats,
    Marks,
    read_columns,
    without_nameless_class,
)
from backends.families.yolov8.outputs import suppressed
from backends.families.yolov8.segmentation import COEFFICIENTS, segmented
from backends.parameters import InferenceParameters
from backends.postprocessing.boxes import corners
from backends.postprocessing.checking import require_finite
from backends.postprocessing.confidence import Threshold, threshold_of
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class ObjectnessSegmentation(Family):
    """Output (candidates, 5 + classes + 32) and, as the last that is read, prototypes (32, height/4, width/4).

    As in the reference library, which clients rely on: classes are counted from the column of objectness. Class id 0
    says that the objectness was the highest number, class k of the network has the id k + 1 and the name of its
    neighbour, and the confidence is the highest of them all. The id behind the last name is answered by the reference
    without a name; here those boxes are left out, after everything else was chosen, so that the others are the same.
    Masks are the logits above zero. The network is always fed at the size that it was trained for.
    """

    takes_image_size = False

    @abstractmethod
    def chosen(self, candidates: Floats, confidence: Floats, class_id: ClassIds, threshold: Threshold) -> Marks:
        """Which candidates are not below the threshold, bool (candidates,).

        ``candidates``: the whole output; ``confidence`` and ``class_id``: its best column, counted from the objectness.
        """

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        candidates = read_columns(outputs[0], COEFFICIENTS)
        scores = candidates[:, OBJECTNESS:-COEFFICIENTS]
        last = scores.shape[1] - 1
        class_id = scores.argmax(axis=1).astype(np.int64)
        confidence = scores[np.arange(len(scores)), class_id]
        rows = np.flatnonzero(self.chosen(candidates, confidence, class_id, self.threshold(parameters)))
        candidates, confidence, class_id = candidates[rows], confidence[rows], class_id[rows]
        require_finite(candidates[:, OBJECTNESS])
        xyxy = corners(candidates[:, :OBJECTNESS])
        found = suppressed(xyxy, confidence, class_id, parameters, candidates[:, -COEFFICIENTS:])
        found = without_nameless_class(found, self.class_names, last)
        prototypes = outputs[self.outputs_needed - 1]
        return segmented(self, found, prototypes, geometry, parameters, threshold=0.0, smooth=False)


class YoloV5Segmentation(ObjectnessSegmentation):
    """The threshold is compared with the objectness.

    With recommendations for classes, that of the network's class counts, and what the objectness won is always kept.
    """

    outputs_needed = 2

    def chosen(self, candidates: Floats, confidence: Floats, class_id: ClassIds, threshold: Threshold) -> Marks:
        objectness = candidates[:, OBJECTNESS]
        enough: Marks = ~(objectness <= threshold_of(threshold, np.maximum(class_id - 1, 0)))
        return enough | (class_id == 0) if isinstance(threshold, np.ndarray) else enough
