"""Answers in the SDK's form, made of what the host found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from inference_app.dialects.sdk.answers import answer
from inference_app.dialects.sdk.requests import InferRequest

BOX = {"x1": 2.0, "y1": 3.0, "x2": 7.0, "y2": 4.5, "class": "circle"}


def found(*points: tuple[int, int]) -> dict[str, Any]:
    outline = [{"x": float(x), "y": float(y)} for x, y in points]
    return {**BOX, "mask_format": "polygon", "points": outline}


def answered(*predictions: dict[str, Any]) -> list[Any]:
    outcome: Any = SimpleNamespace(package=MagicMock(), milliseconds=1.0)
    result = {"image": {"width": 8, "height": 8}, "predictions": list(predictions)}
    return answer(result, outcome, InferRequest(), "an id")["predictions"]


def test_corners_become_a_centre_and_a_size() -> None:
    (box,) = answered(BOX)
    assert box.pop("detection_id")
    assert box == {"x": 4.5, "y": 3.75, "width": 5.0, "height": 1.5, "class": "circle"}


@pytest.mark.parametrize("count", [1, 2])
def test_a_polygon_of_fewer_than_three_points_repeats_its_last(count: int) -> None:
    points = [(3, 4), (5, 4)][:count]
    (answer,) = answered(found(*points))
    assert answer["points"] == found(*points, *points[-1:] * (3 - count))["points"]


def test_a_polygon_of_three_points_stays() -> None:
    (answer,) = answered(found((1, 1), (2, 1), (2, 2)))
    assert answer["points"] == found((1, 1), (2, 1), (2, 2))["points"]


def test_an_instance_with_an_empty_mask_is_left_out() -> None:
    (answer,) = answered(found(), found((1, 1), (2, 1), (2, 2)))
    assert len(answer["points"]) == 3


def test_run_lengths_of_an_empty_mask_stay() -> None:
    empty = {**BOX, "mask_format": "rle", "rle": {"size": [2, 2], "counts": "4"}}
    assert answered(empty)[0]["rle"] == empty["rle"]


def test_key_points_are_told_without_what_the_sdk_does_not_know() -> None:
    point = {"x": 3.0, "y": 4.0, "confidence": 0.5, "class": "nose", "class_id": 0}
    spread = {**point, "covariance": [[1.0, 0.0], [0.0, 1.0]]}
    (box,) = answered({**BOX, "keypoints": [spread]})
    assert box["keypoints"] == [point]


def test_a_gaze_needs_no_box() -> None:
    (gaze,) = answered({"yaw": 0.5, "pitch": 0.25})
    assert (gaze["yaw"], gaze["pitch"]) == (0.5, 0.25)
