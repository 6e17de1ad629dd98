"""Which confidence is enough, for which class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from backends.parameters import Confidence, RecommendedParameters

Threshold = np.float32 | npt.NDArray[np.float32]
"""One value for all classes, or float32 (C,) with one for each."""


def resolve_threshold(
    confidence: Confidence,
    family_default: float,
    class_names: Sequence[str],
    recommended: RecommendedParameters | None,
) -> Threshold:
    """The threshold that a request's ``confidence`` means.

    A number stands for itself; "default" for the family's. "best" takes the recommendation for each class, else the
    recommendation for all, else the family's default. Recommendations for classes count only beside one for all, as
    in the reference library.
    """
    if isinstance(confidence, float | int):
        return np.float32(confidence)
    if confidence == "default" or recommended is None or recommended.confidence is None:
        return np.float32(family_default)
    if not recommended.per_class_confidence:
        return np.float32(recommended.confidence)
    per_class = recommended.per_class_confidence
    return np.array([per_class.get(name, recommended.confidence) for name in class_names], dtype=np.float32)


def threshold_of(threshold: Threshold, class_id: npt.NDArray[np.int64]) -> Threshold:
    """The threshold for each of the boxes with these classes.

    A class without a name (class_names.txt is shorter than the network) has no recommendation: the highest of the
    others holds for it. Above that, it is an error (`backends.postprocessing.checking`).
    """
    if not isinstance(threshold, np.ndarray):
        return threshold
    named = class_id < len(threshold)
    return np.where(named, threshold[np.where(named, class_id, 0)], threshold.max()).astype(np.float32)
