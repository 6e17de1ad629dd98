"""YOLOv5 and YOLOv7, whose networks answer an objectness before the classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable, PackageDamaged
from backends.model import LoadedModel
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.predictions import Detections
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

HERE, THERE = [16, 16, 16, 16], [48, 48, 16, 16]
PROTOTYPES = np.ones((32, SIDE // 4, SIDE // 4), dtype=np.float32)


def _rows(*candidates: list[float], extras: int = 0) -> np.ndarray:
    """Rows of a box, objectness and the scores of cat and dog; with ``extras``, the first coefficient is one."""
    coefficients = [1.0, *[0.0] * (extras - 1)] if extras else []
    return np.array([[*candidate, *coefficients] for candidate in candidates], dtype=np.float32)


def _load(
    directory: Path,
    outputs: list[np.ndarray],
    architecture: str = "yolov5",
    recommended: RecommendedParameters | None = None,
    names: tuple[str, ...] = ("cat", "dog"),
) -> LoadedModel:
    task = "object-detection" if len(outputs) == 1 else "instance-segmentation"
    document = config() | {"post_processing": None}
    package = write_package(directory, constant_network(outputs), document, names)
    return load_package(package, architecture=architecture, task=task, backend="onnx", recommended=recommended)


def _masked(directory: Path, architecture: str, *candidates: list[float], **options: object) -> LoadedModel:
    outputs = [_rows(*candidates, extras=32), PROTOTYPES]
    if architecture == "yolov7":
        outputs[1:1] = [np.zeros((1, 1), dtype=np.float32)] * 3
    return _load(directory, outputs, architecture, **options)  # type: ignore[arg-type]


def _answer(model: LoadedModel, **parameters: object) -> Detections:
    image = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    (answer,) = model.infer([image], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, Detections)
    return answer


def test_detection_compares_the_objectness_and_answers_the_class_score(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, [_rows([*HERE, 0.9, 0.1, 0.2], [*THERE, 0.3, 0.9, 0.1])]))
    assert answer.xyxy.tolist() == [[8, 8, 24, 24]]
    assert answer.class_id.tolist() == [1]
    np.testing.assert_allclose(answer.confidence, [0.2])


def test_an_objectness_equal_to_the_threshold_is_too_little(tmp_path: Path) -> None:
    model = _load(tmp_path, [_rows([*HERE, 0.5, 0.9, 0])])
    assert [len(_answer(model, confidence=least)) for least in (0.5, 0.49)] == [0, 1]


def test_overlapping_boxes_are_suppressed_by_the_class_score(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, [_rows([*HERE, 0.9, 0.3, 0], [*HERE, 0.5, 0.6, 0])]))
    np.testing.assert_allclose(answer.confidence, [0.6])


def test_recommendations_of_detection_hold_for_their_class(tmp_path: Path) -> None:
    recommended = RecommendedParameters(confidence=0.7, per_class_confidence={"dog": 0.2})
    model = _load(tmp_path, [_rows([*HERE, 0.6, 0.9, 0], [*THERE, 0.3, 0, 0.9])], recommended=recommended)
    assert _answer(model, confidence="best").class_id.tolist() == [1]


@pytest.mark.parametrize("architecture", ["yolov5", "yolov7"])
def test_masks_shift_the_classes_by_one(tmp_path: Path, architecture: str) -> None:
    answer = _answer(_masked(tmp_path, architecture, [*HERE, 0.9, 0.1, 0.2], [*THERE, 0.5, 0.8, 0.2]))
    # The objectness won the first; the network's cat is the second, and has the name of the dog.
    assert answer.class_id.tolist() == [0, 1]
    np.testing.assert_allclose(answer.confidence, [0.9, 0.8])


@pytest.mark.parametrize("architecture", ["yolov5", "yolov7"])
def test_the_last_class_has_no_name_and_is_left_out(tmp_path: Path, architecture: str) -> None:
    candidates = [*HERE, 0.6, 0.1, 0.9], [*THERE, 0.7, 0.1, 0.2]
    answer = _answer(_masked(tmp_path, architecture, *candidates))
    assert answer.class_id.tolist() == [0]
    assert answer.masks is not None
    assert len(answer.masks.runs) == 1


@pytest.mark.parametrize("architecture", ["yolov5", "yolov7"])
def test_what_is_left_out_took_its_place_like_any_other(tmp_path: Path, architecture: str) -> None:
    model = _masked(tmp_path, architecture, [*HERE, 0.6, 0.1, 0.9], [*THERE, 0.7, 0.1, 0.2])
    assert len(_answer(model, max_detections=1)) == 0


@pytest.mark.parametrize("architecture", ["yolov5", "yolov7"])
def test_a_last_class_with_a_name_is_answered(tmp_path: Path, architecture: str) -> None:
    model = _masked(tmp_path, architecture, [*HERE, 0.6, 0.1, 0.9], names=("something", "cat", "dog"))
    assert _answer(model).to_json()["predictions"][0]["class"] == "dog"


@pytest.mark.parametrize("architecture", ["yolov5", "yolov7"])
def test_too_few_names_are_an_error(tmp_path: Path, architecture: str) -> None:
    with pytest.raises(OutputUnusable):
        _answer(_masked(tmp_path, architecture, [*HERE, 0.6, 0.9, 0.1], names=("cat",)))


def test_yolov5_compares_the_objectness_and_yolov7_the_best_score(tmp_path: Path) -> None:
    found = [
        len(_answer(_masked(tmp_path / name, name, [*HERE, 0.3, 0.9, 0.1]), confidence=0.5))
        for name in ("yolov5", "yolov7")
    ]
    assert found == [0, 1]


@pytest.mark.parametrize(("architecture", "found"), [("yolov5", [1, 0]), ("yolov7", [1])])
def test_recommendations_hold_for_the_class_of_the_network(tmp_path: Path, architecture: str, found: list[int]) -> None:
    recommended = RecommendedParameters(confidence=0.7, per_class_confidence={"cat": 0.2})
    # The network's cat, and one that the objectness won, which YOLOv5 keeps whatever it is.
    candidates = [*HERE, 0.3, 0.4, 0], [*THERE, 0.1, 0, 0]
    model = _masked(tmp_path, architecture, *candidates, recommended=recommended)
    assert _answer(model, confidence="best").class_id.tolist() == found


@pytest.mark.parametrize("architecture", ["yolov5", "yolov7"])
def test_masks_are_the_values_above_zero(tmp_path: Path, architecture: str) -> None:
    answer = _answer(_masked(tmp_path, architecture, [*HERE, 0.9, 0.8, 0]), masks_binarization_threshold=2.0)
    assert answer.masks is not None
    # Four prototypes a side, and the next ones as far as they weigh anything.
    assert answer.masks.areas()[0] >= 16 * 16


@pytest.mark.parametrize("column", range(7))
def test_an_output_that_is_not_finite_is_an_error(tmp_path: Path, column: int) -> None:
    output = _rows([*HERE, 0.9, 0.8, 0.1])
    output[0, column] = np.nan
    with pytest.raises(OutputNotFinite):
        _answer(_load(tmp_path, [output]))


@pytest.mark.parametrize("architecture", ["yolov5", "yolov7"])
@pytest.mark.parametrize("column", [0, 4, 5, 6, 7])
def test_masks_that_are_not_finite_are_an_error(tmp_path: Path, architecture: str, column: int) -> None:
    output = _rows([*HERE, 0.9, 0.8, 0.1], extras=32)
    output[0, column] = np.nan
    outputs = [output, PROTOTYPES]
    if architecture == "yolov7":
        outputs[1:1] = [np.zeros((1, 1), dtype=np.float32)] * 3
    with pytest.raises(OutputNotFinite):
        _answer(_load(tmp_path, outputs, architecture))


def test_it_rejects_outputs_of_another_shape(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        _answer(_load(tmp_path, [np.zeros((4, 5), dtype=np.float32)]))


def test_yolov7_wants_five_outputs(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        _load(tmp_path, [_rows([*HERE, 0.9, 0.8, 0], extras=32), PROTOTYPES], "yolov7")
