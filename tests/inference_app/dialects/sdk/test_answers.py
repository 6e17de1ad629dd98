"""Answers in the SDK's form, made of what the host found."""

from __future__ import annotations

from typing import Any

import pytest

from inference_app.dialects.sdk.answers import _detections
from inference_app.dialects.sdk.requests import SdkRequest


def found(*points: tuple[int, int]) -> dict[str, Any]:
    outline = [{"x": float(x), "y": float(y)} for x, y in points]
    return {"x": 5.0, "y": 5.0, "class": "circle", "mask_format": "polygon", "points": outline}


def answered(*predictions: dict[str, Any]) -> list[Any]:
    return _detections(list(predictions), SdkRequest(parameters={}))


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
    empty = {"x": 5.0, "y": 5.0, "class": "circle", "mask_format": "rle", "rle": {"size": [2, 2], "counts": "4"}}
    assert answered(empty)[0]["rle"] == empty["rle"]
