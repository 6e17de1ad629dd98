from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable, PackageDamaged
from backends.model import LoadedModel
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.predictions import Detections
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, raw_detections, write_package

IMAGE = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
CAT, DOG, SECOND_CAT = [20, 20, 16, 16, 0, 0.9], [20, 20, 16, 16, 1, 0.6], [22, 20, 16, 16, 0, 0.5]


def _detector(directory: Path, output: np.ndarray, *, fused: bool = False, **options: object) -> LoadedModel:
    document = config() | {"post_processing": {"type": "nms", "fused": fused}}
    package = write_package(directory, constant_network([output]), document)
    return load_package(package, architecture="yolov8", task="object-detection", backend="onnx", **options)  # type: ignore[arg-type]


def _answer(model: LoadedModel, **parameters: object) -> Detections:
    (answer,) = model.infer([IMAGE], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, Detections)
    return answer


def test_overlapping_boxes_of_one_class_are_suppressed(tmp_path: Path) -> None:
    model = _detector(tmp_path, raw_detections(CAT, DOG, SECOND_CAT))
    assert _answer(model).class_id.tolist() == [0, 1]
    assert _answer(model, class_agnostic_nms=True).class_id.tolist() == [0]
    assert _answer(model, iou_threshold=0.95).class_id.tolist() == [0, 1, 0]


def test_a_confidence_equal_to_the_threshold_is_too_little(tmp_path: Path) -> None:
    model = _detector(tmp_path, raw_detections([20, 20, 8, 8, 0, 0.5]))
    assert len(_answer(model, confidence=0.5)) == 0
    assert len(_answer(model, confidence=0.49)) == 1


def test_the_default_confidence_is_two_fifths(tmp_path: Path) -> None:
    model = _detector(tmp_path, raw_detections([20, 20, 8, 8, 0, 0.41], [50, 50, 8, 8, 0, 0.39]))
    assert len(_answer(model)) == 1


def test_recommendations_hold_for_their_class(tmp_path: Path) -> None:
    recommended = RecommendedParameters(confidence=0.7, per_class_confidence={"dog": 0.2})
    boxes = ([20, 20, 8, 8, 0, 0.6], [50, 50, 8, 8, 1, 0.3])
    model = _detector(tmp_path, raw_detections(*boxes), recommended=recommended)
    assert _answer(model, confidence="best").class_id.tolist() == [1]


def test_classes_can_be_filtered_by_name(tmp_path: Path) -> None:
    model = _detector(tmp_path, raw_detections(CAT, DOG))
    assert _answer(model, class_filter=("dog", "horse")).class_id.tolist() == [1]
    assert len(_answer(model, class_filter=())) == 0


def test_fused_outputs_are_only_filtered(tmp_path: Path) -> None:
    output = np.array([[0, 0, 8, 8, 0.5, 1], [0, 0, 8, 8, 0.9, 1], [4, 4, 9, 9, 0.3, 0]], dtype=np.float32)
    model = _detector(tmp_path, output, fused=True)
    answer = _answer(model, confidence=0.5)
    # Equal to the threshold is enough here, and the order is the network's own.
    assert answer.confidence.tolist() == [0.5, np.float32(0.9)]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("row", range(6))
def test_a_raw_output_that_is_not_finite_is_an_error(tmp_path: Path, row: int, value: float) -> None:
    output = raw_detections(CAT, DOG)
    output[row, 0] = value
    with pytest.raises(OutputNotFinite):
        _answer(_detector(tmp_path, output))


def test_what_is_below_the_threshold_need_not_be_finite(tmp_path: Path) -> None:
    output = raw_detections(CAT, [np.nan, 20, 16, 16, 1, 0.1])
    assert _answer(_detector(tmp_path, output)).class_id.tolist() == [0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("column", range(6))
def test_a_fused_output_that_is_not_finite_is_an_error(tmp_path: Path, column: int, value: float) -> None:
    output = np.array([[0, 0, 8, 8, 0.5, 1], [0, 0, 8, 8, 0.9, 1]], dtype=np.float32)
    output[1, column] = value
    with pytest.raises(OutputNotFinite):
        _answer(_detector(tmp_path, output, fused=True))


def test_recommendations_let_no_nan_through(tmp_path: Path) -> None:
    recommended = RecommendedParameters(confidence=0.7, per_class_confidence={"dog": 0.2})
    output = raw_detections(CAT, [20, 20, 16, 16, 1, np.nan])
    with pytest.raises(OutputNotFinite):
        _answer(_detector(tmp_path, output, recommended=recommended), confidence="best")


def test_a_confidence_above_one_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputUnusable, match="confidence of 112"):
        _answer(_detector(tmp_path, raw_detections([20, 20, 16, 16, 0, 112.0])))


def test_a_score_that_half_precision_rounded_up_is_one(tmp_path: Path) -> None:
    answer = _answer(_detector(tmp_path, raw_detections([20, 20, 16, 16, 0, 1 + 1 / 2048])))
    assert answer.confidence.tolist() == [1.0]


def test_a_class_without_a_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputUnusable, match=r"found class 5, .* names for 2 classes"):
        _answer(_detector(tmp_path, raw_detections([20, 20, 16, 16, 5, 0.9], classes=8)))


def test_it_rejects_outputs_of_another_shape(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        _answer(_detector(tmp_path, np.zeros((4, 5), dtype=np.float32)))


def test_fitting_the_longer_edge_becomes_a_grey_letterbox(tmp_path: Path) -> None:
    document = config(resize_mode="fit-longer-edge")
    package = write_package(tmp_path, constant_network([raw_detections(CAT)]), document)
    model = load_package(package, architecture="yolov9", task="object-detection", backend="onnx")
    tensor = model.preprocess(np.zeros((32, 64, 3), dtype=np.uint8)).tensor
    np.testing.assert_array_equal(tensor[:, 0], np.float32(127) / np.float32(255))


def _segmenter(directory: Path, architecture: str, boxes: np.ndarray) -> LoadedModel:
    prototypes = np.full((32, SIDE // 4, SIDE // 4), -1.0, dtype=np.float32)
    prototypes[0, 4:8, 2:6] = 1
    network = constant_network([boxes, prototypes])
    package = write_package(directory, network)
    return load_package(package, architecture=architecture, task="instance-segmentation", backend="onnx")


def test_masks_are_cut_from_the_prototypes(tmp_path: Path) -> None:
    coefficients = [8.0] + [0.0] * 31
    output = raw_detections([16, 24, 32, 32, 1, 0.9, *coefficients], extras=32)
    answer = _answer(_segmenter(tmp_path, "yolov11", output))
    assert answer.masks is not None
    expected = np.zeros((SIDE, SIDE), dtype=bool)
    expected[16:32, 8:24] = True
    # Where two edges meet, three of four neighbours are below the threshold.
    expected[[16, 16, 31, 31], [8, 23, 8, 23]] = False
    np.testing.assert_array_equal(answer.masks.to_dense()[0], expected)
    assert answer.class_id.tolist() == [1]
    assert answer.xyxy.tolist() == [[0, 8, 32, 40]]


def test_a_lower_resolution_moves_boxes_onto_the_grid_of_the_masks(tmp_path: Path) -> None:
    output = raw_detections([16, 24, 32, 32, 1, 0.9, 8.0, *[0.0] * 31], extras=32)
    answer = _answer(_segmenter(tmp_path, "yolov8", output), masks_resolution_factor=0.0)
    assert answer.grid_size == (16, 16)
    assert answer.image_size == (SIDE, SIDE)
    assert answer.xyxy.tolist() == [[0, 2, 8, 10]]


@pytest.mark.parametrize("where", ["coefficient", "prototype"])
def test_masks_that_are_not_finite_are_an_error(tmp_path: Path, where: str) -> None:
    coefficients, prototypes = np.ones(32), np.ones((32, SIDE // 4, SIDE // 4))
    (coefficients if where == "coefficient" else prototypes[0, 6])[3] = np.nan
    boxes = raw_detections([16, 24, 32, 32, 1, 0.9, *coefficients], extras=32)
    package = write_package(tmp_path, constant_network([boxes, prototypes]))
    model = load_package(package, architecture="yolov8", task="instance-segmentation", backend="onnx")
    with pytest.raises(OutputNotFinite):
        _answer(model)


def test_nothing_found_still_has_a_grid(tmp_path: Path) -> None:
    output = raw_detections([16, 24, 32, 32, 1, 0.1, *[0.0] * 32], extras=32)
    answer = _answer(_segmenter(tmp_path, "yolov8", output))
    assert answer.masks is not None
    assert answer.masks.size == (SIDE, SIDE)
    assert len(answer) == len(answer.masks) == 0
