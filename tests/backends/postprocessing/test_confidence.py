from __future__ import annotations

import numpy as np

from backends.parameters import RecommendedParameters
from backends.postprocessing.confidence import resolve_threshold, threshold_of

RECOMMENDED = RecommendedParameters(confidence=0.6, per_class_confidence={"cat": 0.1})


def test_a_number_stands_for_itself() -> None:
    assert resolve_threshold(0.7, 0.4, ["cat"], RECOMMENDED) == np.float32(0.7)


def test_the_default_does_not_look_at_recommendations() -> None:
    assert resolve_threshold("default", 0.4, ["cat"], RECOMMENDED) == np.float32(0.4)


def test_the_best_goes_by_class() -> None:
    threshold = resolve_threshold("best", 0.4, ["cat", "dog"], RECOMMENDED)
    np.testing.assert_array_equal(threshold, np.array([0.1, 0.6], dtype=np.float32))


def test_the_best_without_recommendations_is_the_default() -> None:
    assert resolve_threshold("best", 0.25, ["cat"], None) == np.float32(0.25)
    only_classes = RecommendedParameters(per_class_confidence={"cat": 0.1})
    assert resolve_threshold("best", 0.25, ["cat"], only_classes) == np.float32(0.25)


def test_the_best_without_classes_is_the_recommendation() -> None:
    assert resolve_threshold("best", 0.4, ["cat"], RecommendedParameters(confidence=0.3)) == np.float32(0.3)


def test_a_class_without_a_name_needs_the_highest() -> None:
    threshold = np.array([0.1, 0.6], dtype=np.float32)
    np.testing.assert_array_equal(threshold_of(threshold, np.array([0, 1, 5])), np.float32([0.1, 0.6, 0.6]))
