from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable
from backends.predictions import Detections, KeyPoints


def _key_points() -> KeyPoints:
    """A dog with a nose and a tail, which is hidden, and a cat, which has a nose alone."""
    boxes = Detections(
        xyxy=np.array([[10, 20, 31, 40], [0, 0, 5, 5]], dtype=np.float32),
        class_id=np.array([1, 0]),
        confidence=np.array([0.5, 0.25], dtype=np.float32),
        class_names=("cat", "dog"),
        image_size=(48, 64),
    )
    return KeyPoints(
        boxes=boxes,
        xy=np.array([[[12, 22], [0, 0]], [[-1, 2], [0, 0]]], dtype=np.float32),
        confidence=np.array([[0.75, 0], [0.5, 0]], dtype=np.float32),
        names=(("nose",), ("nose", "tail")),
        skeletons=((), ((0, 1),)),
    )


def test_each_box_has_those_of_its_key_points_that_are_seen() -> None:
    answer = _key_points().to_json()
    dog, cat = answer["predictions"]
    assert (dog["x1"], dog["class"]) == (10.0, "dog")
    assert dog["keypoints"] == [{"x": 12.0, "y": 22.0, "confidence": 0.75, "class": "nose", "class_id": 0}]
    assert cat["keypoints"] == [{"x": -1.0, "y": 2.0, "confidence": 0.5, "class": "nose", "class_id": 0}]
    json.dumps(answer)


def test_the_lines_between_key_points_are_by_class() -> None:
    assert _key_points().to_json()["skeletons"] == {"cat": [], "dog": [[0, 1]]}


def test_a_score_is_kept_for_each_place_but_told_only_for_places_that_the_class_has() -> None:
    every = replace(_key_points(), confidence=np.full((2, 2), 0.5, dtype=np.float32))
    dog, cat = every.to_json()["predictions"]
    assert [point["class"] for point in dog["keypoints"]] == ["nose", "tail"]
    assert [point["class"] for point in cat["keypoints"]] == ["nose"]


def test_what_some_networks_add_is_told_too() -> None:
    covariance = np.zeros((2, 2, 2, 2), dtype=np.float32)
    covariance[0, 0] = [[4, 1], [1, 9]]
    covariance[:, 1] = np.nan
    added = replace(_key_points(), covariance=covariance)
    dog = added.to_json()["predictions"][0]
    assert dog["keypoints"][0]["covariance"] == [[4.0, 1.0], [1.0, 9.0]]
    json.dumps(added.to_json(), allow_nan=False)


def test_selected_rows_keep_their_key_points() -> None:
    (cat,) = _key_points().select(np.array([1])).to_json()["predictions"]
    assert (cat["class"], cat["keypoints"][0]["x"]) == ("cat", -1.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_no_key_point(value: float) -> None:
    broken = _key_points().xy.copy()
    broken[0, 0, 0] = value
    with pytest.raises(OutputNotFinite):
        replace(_key_points(), xy=broken)


def test_a_confidence_that_is_no_score_is_no_key_point() -> None:
    with pytest.raises(OutputUnusable, match=r"not between 0 and 1"):
        replace(_key_points(), confidence=np.full((2, 2), 7, dtype=np.float32))


def test_key_points_become_those_of_supervision() -> None:
    supervision = pytest.importorskip("supervision")
    converted = _key_points().to_supervision()
    assert isinstance(converted, supervision.KeyPoints)
    assert converted.xy.tolist() == [[[12, 22], [0, 0]], [[-1, 2], [0, 0]]]
    assert converted.keypoint_confidence.tolist() == [[0.75, 0], [0.5, 0]]
    assert converted.data["class_name"].tolist() == ["dog", "cat"]
