from __future__ import annotations

from typing import Any

import pytest

from negotiation import NegotiationRequest, negotiate_packages
from negotiation.errors import InvalidNmsFusionPreferencesError, MalformedModelFeaturesError
from negotiation.explanation import Explanation
from negotiation.package import Package
from tests.negotiation.entries import CPU, onnx, package

DEFAULT = {"max_detections": 300, "confidence_threshold": 0.25, "iou_threshold": 0.7, "class_agnostic": False}


def fused(package_id: str = "a", **changes: Any) -> Package:
    return package(package_id, onnx(), modelFeatures={"nms_fused": {**DEFAULT, **changes}})


def ask(*packages: Package, preferences: Any) -> Explanation:
    request = NegotiationRequest(device="cpu", nms_fusion_preferences=preferences)
    return negotiate_packages(packages, "yolov8", "object-detection", CPU, request)


def verdict(one: Package, preferences: Any) -> str:
    explanation = ask(one, preferences=preferences)
    return explanation.discards[0].category if explanation.discards else "survives"


@pytest.mark.parametrize("preferences", [None, False])
def test_it_must_be_asked_for(preferences: Any) -> None:
    assert verdict(fused(), preferences) == "nms_fused_not_requested"


def test_a_package_without_it_survives_every_preference() -> None:
    for preferences in (None, False, True, {"max_detections": 1}):
        assert verdict(package(), preferences) == "survives"
        assert verdict(package(modelFeatures={"nms_fused": None}), preferences) == "survives"


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, "survives"),
        ({"max_detections": 100}, "nms_max_detections_mismatch"),
        ({"confidence_threshold": 0.3}, "nms_confidence_mismatch"),
        ({"iou_threshold": 0.5}, "nms_iou_mismatch"),
        ({"class_agnostic": True}, "nms_class_agnostic_mismatch"),
        ({"class_agnostic": 0}, "survives"),
    ],
)
def test_true_means_exactly_the_defaults(changes: dict[str, Any], expected: str) -> None:
    assert verdict(fused(**changes), True) == expected


@pytest.mark.parametrize(
    "preferences, expected",
    [
        ({}, "survives"),
        ({"max_detections": 300}, "survives"),
        ({"max_detections": [100, 300]}, "survives"),
        ({"max_detections": [300, 100]}, "survives"),
        ({"max_detections": [301, 400]}, "nms_max_detections_mismatch"),
        ({"confidence_threshold": 0.250001}, "nms_confidence_mismatch"),
        ({"confidence_threshold": [0.2, 0.3]}, "survives"),
        ({"iou_threshold": 0.5}, "nms_iou_mismatch"),
        ({"class_agnostic": True}, "nms_class_agnostic_mismatch"),
        ({"class_agnostic": False, "unknown": 1}, "survives"),
        ({"max_detections": 1, "iou_threshold": 0.5}, "nms_max_detections_mismatch"),
    ],
)
def test_only_the_preferred_keys_count(preferences: dict[str, Any], expected: str) -> None:
    assert verdict(fused(), preferences) == expected


@pytest.mark.parametrize("missing", list(DEFAULT))
def test_all_four_keys_must_be_stated(missing: str) -> None:
    built_in = {key: value for key, value in DEFAULT.items() if key != missing}
    malformed = package(modelFeatures={"nms_fused": built_in})
    assert verdict(malformed, {}) == "nms_malformed"
    assert verdict(malformed, None) == "nms_fused_not_requested"


@pytest.mark.parametrize("built_in", [True, 0, "", "yes", [], ["max_detections"], 1.5])
def test_a_feature_that_is_no_object_is_an_error_once_it_is_asked_for(built_in: Any) -> None:
    malformed = package(modelFeatures={"nms_fused": built_in})
    assert isinstance(ask(malformed, preferences=True).error, MalformedModelFeaturesError)
    assert verdict(malformed, False) == "nms_fused_not_requested"


@pytest.mark.parametrize("value", ["300", None, [300]])
def test_a_built_in_value_that_is_no_number_is_an_error(value: Any) -> None:
    assert isinstance(ask(fused(max_detections=value), preferences=True).error, MalformedModelFeaturesError)


@pytest.mark.parametrize(
    "preferences",
    [{"iou_threshold": value} for value in ([1, 2, 3], [0.5], [], None, "0.7", {}, ["a", "b"])]
    + [{"max_detections": "x"}],
)
def test_a_preference_that_is_no_number_or_pair_is_an_error(preferences: dict[str, Any]) -> None:
    assert isinstance(ask(fused(), preferences=preferences).error, InvalidNmsFusionPreferencesError)


@pytest.mark.parametrize("preferences", ["yes", 1, ["max_detections"]])
def test_preferences_that_are_neither_switch_nor_object_are_an_error(preferences: Any) -> None:
    assert isinstance(ask(fused(), preferences=preferences).error, InvalidNmsFusionPreferencesError)


def test_text_on_both_sides_passes_the_bounds_and_is_an_error_all_the_same() -> None:
    error = ask(fused(max_detections="a"), preferences={"max_detections": "a"}).error
    assert isinstance(error, InvalidNmsFusionPreferencesError)


def test_bad_preferences_go_unnoticed_without_a_package_that_has_it() -> None:
    assert ask(package(), preferences={"iou_threshold": [1, 2, 3]}).error is None


def score(one: Package, preferences: Any) -> float:
    return ask(one, preferences=preferences).ranked[0].key.nms_fused


@pytest.mark.parametrize(
    "changes, preferences, expected",
    [
        ({}, True, 1),
        ({}, {}, 0),
        ({}, {"max_detections": 300}, 1),
        ({}, {"max_detections": [300, 300]}, 1),
        ({}, {"max_detections": [200, 400]}, 1),
        ({}, {"max_detections": [300, 400]}, 0.5),
        ({}, {"max_detections": [400, 300]}, 0.5),
        ({"confidence_threshold": 0.3}, {"confidence_threshold": [0.2, 0.6]}, 0.75),
        ({}, {"max_detections": 300, "iou_threshold": 0.7, "class_agnostic": False}, 3),
    ],
)
def test_the_middle_of_the_bounds_is_the_best(changes: Any, preferences: Any, expected: float) -> None:
    assert score(fused(**changes), preferences) == pytest.approx(expected, abs=1e-4)


def test_a_closer_package_ranks_higher() -> None:
    packages = [fused("a", confidence_threshold=0.5), fused("b", confidence_threshold=0.59)]
    explanation = ask(*packages, preferences={"confidence_threshold": [0.4, 0.6]})
    assert explanation.attempt_order == ["a", "b"]
    assert explanation.decided_by == ["nms_fused"]
