"""YOLOv10 and YOLO26, whose networks answer one box an object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable, PackageDamaged
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

# Corners, confidence, class: two equal boxes, the second at the threshold of the tests.
ROWS = np.array([[8, 8, 24, 24, 0.9, 1], [8, 8, 24, 24, 0.5, 1], [0, 0, 64, 64, 0.3, 0]], dtype=np.float32)


def _load(directory: Path, architecture: str, output: np.ndarray = ROWS) -> LoadedModel:
    document = config() | {"post_processing": None}
    package = write_package(directory, constant_network([output]), document)
    return load_package(package, architecture=architecture, task="object-detection", backend="onnx")


def _answer(model: LoadedModel, **parameters: object) -> Detections:
    image = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
    (answer,) = model.infer([image], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, Detections)
    return answer


@pytest.mark.parametrize("architecture", ["yolov10", "yolo26"])
def test_nothing_is_suppressed(tmp_path: Path, architecture: str) -> None:
    answer = _answer(_load(tmp_path, architecture), confidence=0.4, class_agnostic_nms=True, iou_threshold=0.0)
    assert answer.xyxy.tolist() == [[8, 16, 24, 48]] * 2


@pytest.mark.parametrize(("architecture", "found"), [("yolov10", 1), ("yolo26", 2)])
def test_they_differ_on_the_threshold_itself(tmp_path: Path, architecture: str, found: int) -> None:
    assert len(_answer(_load(tmp_path, architecture), confidence=0.5)) == found


@pytest.mark.parametrize(("architecture", "found"), [("yolov10", 2), ("yolo26", 3)])
def test_they_differ_in_the_default(tmp_path: Path, architecture: str, found: int) -> None:
    assert len(_answer(_load(tmp_path, architecture))) == found


@pytest.mark.parametrize(("architecture", "found"), [("yolov10", 1), ("yolo26", 3)])
def test_only_yolov10_limits_their_number(tmp_path: Path, architecture: str, found: int) -> None:
    answer = _answer(_load(tmp_path, architecture), confidence=0.0, max_detections=1)
    assert answer.confidence.tolist() == ROWS[:found, 4].tolist()


@pytest.mark.parametrize("architecture", ["yolov10", "yolo26"])
@pytest.mark.parametrize("column", range(6))
def test_an_output_that_is_not_finite_is_an_error(tmp_path: Path, architecture: str, column: int) -> None:
    output = ROWS.copy()
    output[0, column] = np.nan
    with pytest.raises(OutputNotFinite):
        _answer(_load(tmp_path, architecture, output))


@pytest.mark.parametrize("class_id", [-1, 2])
def test_a_class_without_a_name_is_an_error(tmp_path: Path, class_id: int) -> None:
    output = ROWS.copy()
    output[0, 5] = class_id
    with pytest.raises(OutputUnusable):
        _answer(_load(tmp_path, "yolo26", output))


def test_it_rejects_outputs_of_another_shape(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        _answer(_load(tmp_path, "yolo26", ROWS[:, :5]))


def test_masks_of_yolo26_are_the_values_above_zero(tmp_path: Path) -> None:
    prototypes = np.zeros((32, SIDE // 4, SIDE // 4), dtype=np.float32)
    prototypes[0, 2:6, 2:6] = 0.2
    row = np.array([[0, 0, 64, 64, 0.9, 0, 1, *[0] * 31]], dtype=np.float32)
    package = write_package(tmp_path, constant_network([row, prototypes]))
    model = load_package(package, architecture="yolo26", task="instance-segmentation", backend="onnx")
    answer = _answer(model)
    assert answer.masks is not None
    # A fifth is under one half: read as a probability there would be nothing.
    assert answer.masks.areas()[0] > 16 * 16 * 2
