"""Key points of RF-DETR: a cat has a nose, an owl a nose and a tail, and "nothing" is removed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backends.errors import NetworkMismatch, OutputNotFinite, PackageConfigInvalid
from backends.key_points_metadata import FILE
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import KeyPoints
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

NAMES = ("nothing", "cat", "owl")
REMOVAL = [{"type": "class_name_removal", "class_name": "nothing"}]
METADATA = [
    {"object_class_id": 0, "keypoints": {}, "edges": []},
    {"object_class_id": 1, "keypoints": {"0": "nose"}, "edges": []},
    {"object_class_id": 2, "keypoints": {"0": "nose", "1": "tail"}, "edges": [{"from": 0, "to": 1}]},
]
IMAGE = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
BOXES = np.array([[0.5, 0.5, 0.5, 0.25], [0.25, 0.25, 0.5, 0.5]], dtype=np.float32)
NOTHING = -9.0
# The first query is an owl, the second a cat.
LOGITS = np.array([[NOTHING, NOTHING, 2], [NOTHING, 2, NOTHING]], dtype=np.float32)
FINDABLE, SURE = 3.0, np.log(10)


def _points() -> np.ndarray:
    """float32 (2, 3 classes x 2 places, 8): all in the middle, as sure as one part in ten of the image."""
    point = [0.5, 0.5, FINDABLE, 0, SURE, 0, SURE, 0]
    return np.tile(np.array(point, dtype=np.float32), (2, 6, 1))


def _load(directory: Path, *outputs: np.ndarray, operations: object = REMOVAL) -> LoadedModel:
    document = config() | {"post_processing": None, "class_names_operations": operations}
    package = write_package(directory, constant_network(outputs), document, NAMES)
    (package / FILE).write_text(json.dumps(METADATA))
    return load_package(package, architecture="rfdetr", task="keypoint-detection", backend="onnx")


def _answer(model: LoadedModel, **parameters: object) -> KeyPoints:
    (answer,) = model.infer([IMAGE], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, KeyPoints)
    return answer


def test_boxes_have_the_key_points_of_their_class(tmp_path: Path) -> None:
    points = _points()
    points[0, 5, :2] = 0.25, 0.75
    answer = _answer(_load(tmp_path, BOXES, LOGITS, points))
    assert answer.boxes.class_names == ("cat", "owl")
    assert answer.boxes.class_id.tolist() == [1, 0]
    assert answer.boxes.xyxy.tolist() == [[16, 48, 48, 80], [0, 0, 32, 64]]
    assert answer.xy.tolist() == [[[32, 64], [16, 96]], [[32, 64], [0, 0]]]
    assert answer.names == (("nose",), ("nose", "tail"))
    assert answer.skeletons == ((), ((0, 1),))


def test_the_surer_the_key_points_the_surer_the_box(tmp_path: Path) -> None:
    points = _points()
    points[1, :, 4] = points[1, :, 6] = np.log(1000)
    answer = _answer(_load(tmp_path, BOXES, LOGITS, points))
    probability = 1 / (1 + np.exp(-2.0))
    # The spread is the sum of both variances, one part in a hundred or in a million each.
    surer = np.array([probability * (2e-6) ** -0.2, probability * 0.02**-0.2])
    assert answer.boxes.class_id.tolist() == [0, 1]
    np.testing.assert_allclose(answer.boxes.confidence, surer / (1 + surer), rtol=1e-5)


def test_key_points_that_can_hardly_be_found_count_little_and_are_hidden(tmp_path: Path) -> None:
    points = _points()
    points[0, 5, 2] = -3
    points[0, 5, 4] = 0
    answer = _answer(_load(tmp_path, BOXES, LOGITS, points))
    assert answer.xy[answer.boxes.class_id == 1].tolist() == [[[32, 64], [0, 0]]]
    shown = _answer(_load(tmp_path, BOXES, LOGITS, points), key_points_threshold=0.0)
    assert shown.xy[shown.boxes.class_id == 1].tolist() == [[[32, 64], [32, 64]]]


def test_covariances_are_in_pixels_of_the_image(tmp_path: Path) -> None:
    points = _points()
    points[0, 4, 4:7] = np.log(10), 5, np.log(20)
    answer = _answer(_load(tmp_path, BOXES, LOGITS, points))
    factor = np.array([[10.0, 0], [5, 20]])
    image = np.diag([SIDE, 2 * SIDE])
    assert answer.covariance is not None
    (row,) = np.flatnonzero(answer.boxes.class_id == 1)
    np.testing.assert_allclose(answer.covariance[row, 0], image @ np.linalg.inv(factor @ factor.T) @ image, rtol=1e-5)
    (cat,) = np.flatnonzero(answer.boxes.class_id == 0)
    assert np.isnan(answer.covariance[cat, 1]).all()


def test_key_points_stay_within_the_image(tmp_path: Path) -> None:
    points = _points()
    points[:, :, :2] = -0.5, 1.5
    answer = _answer(_load(tmp_path, BOXES, LOGITS, points))
    assert answer.xy[0].tolist() == [[0, 2 * SIDE], [0, 2 * SIDE]]


def test_a_package_that_removes_no_class_is_refused_as_clients_fail_with_it(tmp_path: Path) -> None:
    with pytest.raises(PackageConfigInvalid, match="class_names_operations"):
        _load(tmp_path, BOXES, LOGITS, _points(), operations=[])


def test_it_rejects_key_points_of_another_number(tmp_path: Path) -> None:
    with pytest.raises(NetworkMismatch):
        _answer(_load(tmp_path, BOXES, LOGITS, _points()[:, :4]))


@pytest.mark.parametrize("number", [0, 2, 4])
def test_a_key_point_that_is_not_finite_is_an_error(tmp_path: Path, number: int) -> None:
    points = _points()
    points[0, 4, number] = np.nan
    with pytest.raises(OutputNotFinite):
        _answer(_load(tmp_path, BOXES, LOGITS, points))
