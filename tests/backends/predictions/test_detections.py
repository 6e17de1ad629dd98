from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable, RuntimeMissing
from backends.masks import InstanceMasks
from backends.predictions import Detections, no_detections


def _detections(masks: InstanceMasks | None = None) -> Detections:
    return Detections(
        xyxy=np.array([[10, 20, 31, 40], [0, 0, 5, 5]], dtype=np.float32),
        class_id=np.array([1, 0]),
        confidence=np.array([0.5, 0.25], dtype=np.float32),
        class_names=("cat", "dog"),
        image_size=(48, 64),
        masks=masks,
    )


def _masks() -> InstanceMasks:
    dense = np.zeros((2, 48, 64), dtype=bool)
    dense[0, 20:40, 10:31] = True
    dense[1, 0:5, 0:5] = True
    return InstanceMasks.from_dense(dense)


def test_boxes_in_json_are_corners() -> None:
    answer = _detections().to_json()
    assert answer["image"] == {"width": 64, "height": 48}
    assert answer["predictions"][0] == {
        "x1": 10.0,
        "y1": 20.0,
        "x2": 31.0,
        "y2": 40.0,
        "confidence": 0.5,
        "class": "dog",
        "class_id": 1,
    }
    json.dumps(answer)


@pytest.mark.parametrize("class_id", [-1, 2, np.iinfo(np.int64).min])
def test_a_class_without_a_name_is_no_detection(class_id: int) -> None:
    with pytest.raises(OutputUnusable, match=rf"found class {class_id}, .* names for 2 classes"):
        replace(_detections(), class_id=np.array([1, class_id]))


@pytest.mark.parametrize("confidence", [112.0, -0.5])
def test_a_confidence_that_is_no_score_is_no_detection(confidence: float) -> None:
    with pytest.raises(OutputUnusable, match=r"not between 0 and 1"):
        replace(_detections(), confidence=np.array([0.5, confidence], dtype=np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_no_prediction(value: float) -> None:
    broken = np.array([[10, 20, 31, 40], [0, 0, value, 5]], dtype=np.float32)
    with pytest.raises(OutputNotFinite):
        replace(_detections(), xyxy=broken)
    with pytest.raises(OutputNotFinite):
        replace(_detections(), confidence=np.array([0.5, value], dtype=np.float32))


def test_masks_in_json_are_points_or_run_lengths() -> None:
    detections = _detections(_masks())
    polygon = detections.to_json("polygon")["predictions"][0]
    assert polygon["mask_format"] == "polygon"
    assert {"x": 10.0, "y": 20.0} in polygon["points"]
    rle = detections.to_json("rle")["predictions"][0]
    assert rle["rle"]["size"] == [48, 64]
    assert "points" not in rle


def test_a_smaller_mask_grid_is_said_in_json() -> None:
    small = InstanceMasks((24, 32), _masks().runs)
    answer = _detections(small).to_json("rle")
    assert answer["image"] == {"width": 32, "height": 24}
    assert answer["original_image"] == {"width": 64, "height": 48}


def test_detections_become_those_of_supervision() -> None:
    supervision = pytest.importorskip("supervision")
    converted = _detections(_masks()).to_supervision()
    assert isinstance(converted, supervision.Detections)
    assert converted.mask.shape == (2, 48, 64)
    assert converted.data["class_name"].tolist() == ["dog", "cat"]


def test_it_says_when_supervision_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "supervision", None)
    with pytest.raises(RuntimeMissing):
        _detections().to_supervision()


def test_an_empty_answer_is_still_one() -> None:
    empty = no_detections(("cat",), (48, 64), (48, 64))
    assert len(empty) == 0
    assert empty.to_json()["predictions"] == []


def test_selected_rows_keep_their_masks() -> None:
    chosen = _detections(_masks()).select(np.array([1]))
    assert chosen.class_id.tolist() == [0]
    assert chosen.masks is not None
    assert chosen.masks.areas().tolist() == [25]
