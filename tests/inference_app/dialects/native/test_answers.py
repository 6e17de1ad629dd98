"""Answers in the form of the native API, made of what the host found."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np

from inference_app.dialects.native.answers import answer

SIZE = {"width": 8, "height": 8}
BOX = {"x1": 0.1, "y1": 3.0, "x2": 0.7, "y2": 4.5, "confidence": 0.5, "class": "circle", "class_id": 0}


def answered(*results: dict[str, Any]) -> dict[str, Any]:
    reply = SimpleNamespace(results=list(results), timings={"total": 1.23456})
    outcome: Any = SimpleNamespace(package=MagicMock(), choice=MagicMock(), reply=reply, milliseconds=2.0)
    return answer(outcome, explain=False)


def test_corners_are_told_as_they_were_found() -> None:
    (box,) = answered({"image": SIZE, "predictions": [BOX]})["predictions"]
    others = {"confidence": 0.5, "class": "circle", "class_id": 0}
    assert box == {"x_min": 0.1, "y_min": 3.0, "x_max": 0.7, "y_max": 4.5, **others}


def test_points_of_a_mask_keep_their_names() -> None:
    points = [{"x": 1.0, "y": 2.0}]
    (box,) = answered({"image": SIZE, "predictions": [{**BOX, "points": points}]})["predictions"]
    assert box["points"] == points


def test_classes_are_told_as_they_were_found() -> None:
    classes = {"image": SIZE, "predictions": {"circle": {"confidence": 0.5, "class_id": 0}}, "predicted_classes": []}
    assert classes.items() <= answered(classes).items()


def test_several_images_are_answered_under_results() -> None:
    empty = {"image": SIZE, "predictions": []}
    assert answered(empty, empty)["results"] == [empty, empty]


def test_key_points_keep_their_names_beside_the_corners() -> None:
    points = [{"x": 1.0, "y": 2.0, "confidence": 0.5, "class": "nose", "class_id": 0}]
    result = {"image": SIZE, "predictions": [{**BOX, "keypoints": points}], "skeletons": {"circle": []}}
    found = answered(result)
    assert found["predictions"][0]["keypoints"] == points
    assert found["predictions"][0]["x_min"] == 0.1
    assert found["skeletons"] == {"circle": []}


def test_a_gaze_needs_no_corners() -> None:
    assert answered({"predictions": [{"yaw": 0.5, "pitch": 0.25}]})["predictions"] == [{"yaw": 0.5, "pitch": 0.25}]


def test_maps_are_images_in_text() -> None:
    names = {"0": "background"}
    predictions = {
        "segmentation_mask": np.zeros((8, 8), dtype=np.uint8),
        "confidence_mask": np.ones((8, 8), dtype=np.float32),
        "class_map": names,
        "present_class_ids": [0],
    }
    found = answered({"image": SIZE, "predictions": predictions})["predictions"]
    assert isinstance(found["segmentation_mask"], str)
    assert (found["confidence_mask"]["scale"], found["confidence_mask"]["offset"]) == (1 / 65535, 0.0)
    assert found["class_map"] == names
    distances = answered({"image": SIZE, "depth_map": np.ones((8, 8), dtype=np.float32)})["depth_map"]
    assert (distances["format"], distances["offset"]) == ("png16", 1.0)
