"""Key points of YOLOv8 and YOLO26: a cat has a nose, a dog a nose and a tail."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backends.errors import NetworkMismatch, OutputNotFinite, OutputUnusable, PackageConfigInvalid, PackageDamaged
from backends.key_points_metadata import FILE
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import KeyPoints
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, raw_detections, write_package

IMAGE = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
METADATA = [
    {"object_class_id": 0, "keypoints": {"0": "nose"}, "edges": []},
    {"object_class_id": 1, "keypoints": {"0": "nose", "1": "tail"}, "edges": [{"from": 0, "to": 1}]},
]
# Nose and tail: x, y in the network's input, and how sure.
CAT = [20, 20, 16, 16, 0, 0.9, 18, 20, 0.8, 30, 30, 0.9]
DOG = [48, 48, 8, 8, 1, 0.6, 46, 47, 0.25, -4, 50, 0.5]
CAT_ROW = [12, 12, 28, 28, 0.9, 0, *CAT[6:]]
DOG_ROW = [44, 44, 52, 52, 0.6, 1, *DOG[6:]]


def _package(directory: Path, output: np.ndarray, *, fused: bool = False) -> Path:
    document = config() | {"post_processing": {"type": "nms", "fused": fused}}
    package = write_package(directory, constant_network([output]), document)
    (package / FILE).write_text(json.dumps(METADATA))
    return package


def _load(package: Path, architecture: str = "yolov8") -> LoadedModel:
    return load_package(package, architecture=architecture, task="keypoint-detection", backend="onnx")


def _answer(model: LoadedModel, **parameters: object) -> KeyPoints:
    (answer,) = model.infer([IMAGE], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, KeyPoints)
    return answer


def _rows(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


@pytest.mark.parametrize("architecture", ["yolov8", "yolov11"])
def test_points_lie_on_the_image_beside_their_boxes(tmp_path: Path, architecture: str) -> None:
    answer = _answer(_load(_package(tmp_path, raw_detections(CAT, DOG, extras=6)), architecture))
    # The image is twice as high as the network's input.
    assert answer.boxes.xyxy.tolist() == [[12, 24, 28, 56], [44, 88, 52, 104]]
    assert answer.xy.tolist() == [[[18, 40], [0, 0]], [[46, 94], [-4, 100]]]
    np.testing.assert_allclose(answer.confidence, [[0.8, 0], [0.25, 0.5]], rtol=1e-6)
    assert answer.names == (("nose",), ("nose", "tail"))
    assert answer.skeletons == ((), ((0, 1),))


def test_the_network_may_have_suppressed_boxes_itself(tmp_path: Path) -> None:
    answer = _answer(_load(_package(tmp_path, _rows(CAT_ROW, DOG_ROW), fused=True)))
    assert answer.xy.tolist() == [[[18, 40], [0, 0]], [[46, 94], [-4, 100]]]


@pytest.mark.parametrize(("architecture", "seen"), [("yolov8", 2), ("yolo26", 1)])
def test_families_differ_in_how_sure_a_point_must_be(tmp_path: Path, architecture: str, seen: int) -> None:
    output = raw_detections(CAT, DOG, extras=6) if architecture == "yolov8" else _rows(CAT_ROW, DOG_ROW)
    model = _load(_package(tmp_path, output), architecture)
    dog = _answer(model).to_json()["predictions"][1]
    assert len(dog["keypoints"]) == seen
    assert len(_answer(model, key_points_threshold=0.1).to_json()["predictions"][1]["keypoints"]) == 2


def test_a_point_on_the_threshold_is_seen(tmp_path: Path) -> None:
    model = _load(_package(tmp_path, raw_detections(DOG, extras=6)))
    assert _answer(model, key_points_threshold=0.5).confidence.tolist() == [[0, 0.5]]
    assert _answer(model, key_points_threshold=0.51).xy.tolist() == [[[0, 0], [0, 0]]]


def test_overlapping_boxes_take_their_points_with_them(tmp_path: Path) -> None:
    second = [21, 20, 16, 16, 0, 0.7, 40, 40, 0.9, 0, 0, 0]
    model = _load(_package(tmp_path, raw_detections(second, CAT, extras=6)))
    assert _answer(model).xy[:, 0].tolist() == [[18, 40]]
    assert _answer(model, iou_threshold=0.99).xy[:, 0].tolist() == [[18, 40], [40, 80]]


def test_yolo26_suppresses_nothing(tmp_path: Path) -> None:
    model = _load(_package(tmp_path, _rows(CAT_ROW, CAT_ROW)), "yolo26")
    assert len(_answer(model, iou_threshold=0.0, max_detections=1)) == 2


def test_classes_can_be_filtered_by_name(tmp_path: Path) -> None:
    model = _load(_package(tmp_path, raw_detections(CAT, DOG, extras=6)))
    assert _answer(model, class_filter=("dog",)).xy.tolist() == [[[46, 94], [-4, 100]]]


def test_an_image_without_boxes_has_no_points(tmp_path: Path) -> None:
    answer = _answer(_load(_package(tmp_path, raw_detections(CAT, extras=6))), confidence=0.95)
    assert (len(answer), answer.xy.shape) == (0, (0, 2, 2))


@pytest.mark.parametrize("position", [6, 7, 8])
def test_a_point_that_is_not_finite_is_an_error(tmp_path: Path, position: int) -> None:
    broken = [*CAT]
    broken[position] = np.nan
    with pytest.raises(OutputNotFinite):
        _answer(_load(_package(tmp_path, raw_detections(broken, extras=6))))


def test_a_confidence_of_points_that_is_no_score_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputUnusable):
        _answer(_load(_package(tmp_path, raw_detections([*CAT[:8], 7.0, *CAT[9:]], extras=6))))


def test_a_class_without_a_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputUnusable, match="found class 2"):
        _answer(_load(_package(tmp_path, _rows([*CAT_ROW[:5], 2, *CAT_ROW[6:]])), "yolo26"))


def test_it_rejects_outputs_for_another_number_of_points(tmp_path: Path) -> None:
    with pytest.raises(NetworkMismatch):
        _answer(_load(_package(tmp_path, _rows(CAT_ROW[:9])), "yolo26"))


def test_a_package_needs_the_names_of_its_points(tmp_path: Path) -> None:
    package = _package(tmp_path, raw_detections(CAT, extras=6))
    (package / FILE).write_text(json.dumps(METADATA[:1]))
    with pytest.raises(PackageConfigInvalid, match="says nothing of class 1"):
        _load(package)
    (package / FILE).unlink()
    with pytest.raises(PackageDamaged):
        _load(package)


def test_names_of_which_no_class_has_any_are_refused(tmp_path: Path) -> None:
    package = _package(tmp_path, raw_detections(CAT, extras=6))
    (package / FILE).write_text(json.dumps([{**entry, "keypoints": {}, "edges": []} for entry in METADATA]))
    with pytest.raises(PackageConfigInvalid, match="names no key point"):
        _load(package)
