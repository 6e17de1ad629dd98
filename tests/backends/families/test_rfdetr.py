"""RF-DETR, whose networks answer queries: boxes, logits of classes, and masks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from backends.errors import NetworkMismatch, OutputNotFinite, PackageConfigInvalid
from backends.model import LoadedModel
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.predictions import Detections
from backends.registry import find_implementation, load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

NAMES = ("cat", "dog", "owl")
# Centre, width and height of the input; the image of the tests is as wide and twice as high.
BOXES = np.array([[0.5, 0.5, 0.5, 0.25], [0.25, 0.25, 0.5, 0.5]], dtype=np.float32)
NOTHING = -9.0
# Two queries, three classes and "no object".
LOGITS = np.array([[NOTHING, 2, NOTHING, NOTHING], [3, NOTHING, 1, NOTHING]], dtype=np.float32)


def _load(
    directory: Path,
    *outputs: np.ndarray,
    task: str = "object-detection",
    recommended: RecommendedParameters | None = None,
    removed: tuple[str, ...] = (),
    **changes: Any,
) -> LoadedModel:
    operations = [{"type": "class_name_removal", "class_name": name} for name in removed]
    document = config(**changes) | {"post_processing": None, "class_names_operations": operations}
    package = write_package(directory, constant_network(outputs), document, NAMES)
    return load_package(package, architecture="rfdetr", task=task, backend="onnx", recommended=recommended)


def _answer(model: LoadedModel, **parameters: object) -> Detections:
    image = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
    (answer,) = model.infer([image], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, Detections)
    return answer


def _names(answer: Detections) -> list[str]:
    return [answer.class_names[class_id] for class_id in answer.class_id]


def test_boxes_are_parts_of_the_image_best_first(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, BOXES, LOGITS), confidence=0.8)
    assert answer.xyxy.tolist() == [[0, 0, 32, 64], [16, 48, 48, 80]]
    assert _names(answer) == ["cat", "dog"]
    np.testing.assert_allclose(answer.confidence, 1 / (1 + np.exp([-3.0, -2.0])), rtol=1e-6)


def test_as_many_pairs_as_queries_count_and_one_query_may_have_several_classes(tmp_path: Path) -> None:
    logits = LOGITS.copy()
    logits[1, 2] = 2.5
    assert _names(_answer(_load(tmp_path, BOXES, logits))) == ["cat", "owl"]


def test_no_object_is_not_answered_and_takes_a_place(tmp_path: Path) -> None:
    logits = LOGITS.copy()
    logits[0, 3] = 5
    assert _names(_answer(_load(tmp_path, BOXES, logits))) == ["cat"]


def test_a_confidence_equal_to_the_threshold_is_not_enough(tmp_path: Path) -> None:
    logits = np.array([[0, NOTHING, NOTHING], [NOTHING, 0.01, NOTHING]], dtype=np.float32)
    assert _names(_answer(_load(tmp_path, BOXES, logits), confidence=0.5)) == ["dog"]


def test_detection_does_not_limit_their_number(tmp_path: Path) -> None:
    assert len(_answer(_load(tmp_path, BOXES, LOGITS), max_detections=1)) == 2


def test_overlapping_boxes_are_not_suppressed(tmp_path: Path) -> None:
    assert len(_answer(_load(tmp_path, BOXES[[0, 0]], LOGITS), iou_threshold=0.0, class_agnostic_nms=True)) == 2


def test_removed_classes_are_not_answered_and_the_rest_is_numbered_anew(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, BOXES, LOGITS, removed=("cat", "nobody")))
    assert answer.class_names == ("dog", "owl")
    assert answer.class_id.tolist() == [0]


def test_recommended_confidences_hold_for_the_classes_that_are_left(tmp_path: Path) -> None:
    recommended = RecommendedParameters(0.9, {"dog": 0.5, "owl": 0.95})
    model = _load(tmp_path, BOXES, LOGITS, removed=("cat",), recommended=recommended)
    assert _names(_answer(model, confidence="best")) == ["dog"]


def test_it_rejects_a_package_that_removes_every_class(tmp_path: Path) -> None:
    with pytest.raises(PackageConfigInvalid, match="every class"):
        _load(tmp_path, BOXES, LOGITS, removed=NAMES)


def test_only_classes_that_were_asked_for_are_answered(tmp_path: Path) -> None:
    assert _names(_answer(_load(tmp_path, BOXES, LOGITS), class_filter=("dog",))) == ["dog"]


def test_the_size_of_the_network_goes_before_that_of_the_configuration(tmp_path: Path) -> None:
    model = _load(tmp_path, BOXES, LOGITS, training_input_size={"height": 2 * SIDE, "width": 3 * SIDE})
    assert model.input_size == (SIDE, SIDE)
    assert _answer(model).xyxy.tolist() == [[0, 0, 32, 64], [16, 48, 48, 80]]


def test_boxes_in_a_letterbox_lose_its_padding(tmp_path: Path) -> None:
    frame = {"height": 100, "width": 100}
    model = _load(
        tmp_path, BOXES, LOGITS, resize_mode="letterbox", padding_value=114, dataset_version_resize_dimensions=frame
    )
    # The image is 50 wide in the frame, from 25 on; 1.28 of its pixels lie on each of the frame's.
    assert _answer(model).xyxy.tolist() == [[0, 0, 32, 64], [0, 48, 64, 80]]


@pytest.mark.parametrize("outputs", [(BOXES,), (BOXES, LOGITS, LOGITS), (LOGITS[:, :3], BOXES), (BOXES, LOGITS[:1])])
def test_it_rejects_other_outputs(tmp_path: Path, outputs: tuple[np.ndarray, ...]) -> None:
    with pytest.raises(NetworkMismatch):
        _answer(_load(tmp_path, *outputs))


@pytest.mark.parametrize("output", [0, 1])
def test_an_output_that_is_not_finite_is_an_error(tmp_path: Path, output: int) -> None:
    outputs = [BOXES.copy(), LOGITS.copy()]
    outputs[output][0, 1] = np.nan
    with pytest.raises(OutputNotFinite):
        _answer(_load(tmp_path, *outputs))


def _planes() -> np.ndarray:
    """A quarter of the image in the first query's mask, a single value in the second's."""
    planes = np.full((2, 8, 8), -1, dtype=np.float32)
    planes[0, :4, :4] = 1
    planes[1, 7, 7] = 1
    return planes


def _segment(directory: Path, planes: np.ndarray, **parameters: object) -> Detections:
    return _answer(_load(directory, BOXES, LOGITS, planes, task="instance-segmentation"), **parameters)


def test_masks_are_what_is_above_zero_whatever_their_boxes(tmp_path: Path) -> None:
    answer = _segment(tmp_path, _planes(), confidence=0.8)
    assert answer.masks is not None
    wanted = [cv2.resize(plane, (SIDE, 2 * SIDE), interpolation=cv2.INTER_LINEAR) > 0 for plane in _planes()[::-1]]
    np.testing.assert_array_equal(answer.masks.to_dense(), wanted)


def test_masks_can_be_answered_as_the_network_made_them(tmp_path: Path) -> None:
    answer = _segment(tmp_path, _planes(), confidence=0.8, masks_resolution_factor=0.0)
    assert answer.masks is not None
    np.testing.assert_array_equal(answer.masks.to_dense(), _planes()[::-1] > 0)
    assert answer.xyxy.tolist() == [[0, 0, 4, 4], [2, 3, 6, 5]]


def test_segmentation_limits_their_number(tmp_path: Path) -> None:
    answer = _segment(tmp_path, _planes(), max_detections=1)
    assert _names(answer) == ["cat"]
    assert answer.masks is not None
    assert len(answer.masks.runs) == 1


def test_an_image_without_a_box_has_masks_of_its_size(tmp_path: Path) -> None:
    answer = _segment(tmp_path, _planes(), confidence=1.0)
    assert answer.masks is not None
    assert answer.masks.to_dense().shape == (0, 2 * SIDE, SIDE)


def test_it_rejects_masks_of_another_shape(tmp_path: Path) -> None:
    with pytest.raises(NetworkMismatch):
        _segment(tmp_path, _planes()[:1])


def test_a_mask_that_is_not_finite_is_an_error(tmp_path: Path) -> None:
    planes = _planes()
    planes[1, 3, 3] = np.nan
    with pytest.raises(OutputNotFinite):
        _segment(tmp_path, planes)


@pytest.mark.parametrize("backend", ["onnx", "trt"])
@pytest.mark.parametrize("task", ["object-detection", "instance-segmentation"])
def test_what_packages_say_of_their_network_is_taken(task: str, backend: str) -> None:
    assert find_implementation("rfdetr", task, backend, {"resolution", "num_queries"}).weights in {
        "weights.onnx",
        "engine.plan",
    }
