"""Object detection with YOLOv5."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backends.families.family import Family
from backends.families.yolov5.outputs import OBJECTNESS, read_columns
from backends.families.yolov8.detection import detected
from backends.families.yolov8.outputs import suppressed
from backends.parameters import InferenceParameters
from backends.postprocessing.boxes import corners
from backends.postprocessing.checking import require_finite
from backends.postprocessing.confidence import threshold_of
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class YoloV5Detection(Family):
    """Output (candidates, 5 + classes): centre and size in pixels of the network's input, objectness, class scores.

    As in the reference library, which clients rely on: the threshold is compared with the objectness, while the
    confidence of an answer is the score of the best class, not their product. An answer can therefore have a
    confidence below the threshold, and suppression goes by class scores. The network is always fed at the size that it
    was trained for, and ``post_processing`` is not read.
    """

    takes_image_size = False

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        candidates = read_columns(outputs[0])
        class_id = candidates[:, OBJECTNESS + 1 :].argmax(axis=1).astype(np.int64)
        least = threshold_of(self.threshold(parameters), class_id)
        chosen = np.flatnonzero(~(candidates[:, OBJECTNESS] <= least))
        candidates, class_id = candidates[chosen], class_id[chosen]
        require_finite(candidates[:, OBJECTNESS])
        confidence = candidates[np.arange(len(chosen)), OBJECTNESS + 1 + class_id]
        found = suppressed(corners(candidates[:, :OBJECTNESS]), confidence, class_id, parameters)
        return detected(self, found, geometry, parameters)
