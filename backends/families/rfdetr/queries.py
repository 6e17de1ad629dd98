"""What RF-DETR answers: a fixed number of queries, each with a box and a logit for every class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backends.errors import NetworkMismatch
from backends.families.rfdetr.classes import REMOVED, KeptClasses
from backends.postprocessing.activation import sigmoid
from backends.postprocessing.boxes import corners
from backends.postprocessing.checking import as_scores, require_finite
from backends.postprocessing.confidence import Threshold, threshold_of
from backends.preprocessing import Geometry

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Pairs of a query and a class that are left over, best first.

    ``query``: intp (N,), row of the outputs; the same query may occur under several classes. ``class_id``: int64 (N,),
    renumbered. ``confidence``: float32 (N,).
    """

    query: npt.NDArray[np.intp]
    class_id: npt.NDArray[np.int64]
    confidence: Floats

    def best(self, count: int) -> Found:
        """The first ``count`` of them."""
        return Found(self.query[:count], self.class_id[:count], self.confidence[:count])


def check_queries(boxes: Floats, logits: Floats) -> None:
    """Raises NetworkMismatch unless these are the boxes (Q, 4) and logits (Q, classes) of one image."""
    if boxes.ndim != 2 or boxes.shape[1] != 4 or logits.ndim != 2 or len(logits) != len(boxes) or not logits.size:
        raise NetworkMismatch("The network's outputs are not boxes and, in this order, a logit a class for each.")


def read_queries(logits: Floats, classes: KeptClasses, threshold: Threshold) -> Found:
    """The pairs above the threshold, from logits float32 (Q, classes).

    Of all Q x classes pairs the Q best count, as in the reference: they are chosen before classes are removed, so that
    a pair of a removed class, or of "no object", takes a place that another might have had.
    """
    queries, columns = logits.shape
    scores = sigmoid(logits).ravel()
    least = threshold.min() if isinstance(threshold, np.ndarray) else threshold
    # What is below is no answer, wherever it ranks; NaN is not below.
    chosen = np.flatnonzero(~(scores <= least))
    confidence = as_scores(scores[chosen])
    order = np.argsort(-confidence, kind="stable")[:queries]
    chosen, confidence = chosen[order], confidence[order]
    class_id = classes.renumber((chosen % columns).astype(np.int64))
    kept = class_id != REMOVED
    kept[kept] = confidence[kept] > threshold_of(threshold, class_id[kept])
    return Found(chosen[kept] // columns, class_id[kept], confidence[kept])


def frame_corners(boxes: Floats, geometry: Geometry) -> Floats:
    """Boxes (N, 4) of centre, width and height from 0 to 1 as corners in pixels of the frame; both float32."""
    require_finite(boxes)
    height, width = geometry.network
    return corners(boxes) * np.array([width, height, width, height], dtype=np.float32)
