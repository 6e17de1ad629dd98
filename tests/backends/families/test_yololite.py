from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import OutputNotFinite, PackageDamaged
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

BOXES = np.array([[8, 8, 24, 24], [8, 8, 24, 25], [40, 40, 50, 60]], dtype=np.float32)
# Half an objectness, twice almost one.
OBJECTNESS = np.array([[0], [9], [9]], dtype=np.float32)
CLASSES = np.array([[9, -9], [0, -9], [-9, -1]], dtype=np.float32)
ROWS = np.array([[8, 8, 24, 24, 0.9, 1], [8, 8, 24, 24, 0.25, 1], [0, 0, 64, 64, 0.2, 0]], dtype=np.float32)


def _load(directory: Path, *outputs: np.ndarray, fused: bool | None = None) -> LoadedModel:
    post_processing = None if fused is None else {"type": "nms", "fused": fused}
    default = [ROWS] if fused else [BOXES, OBJECTNESS, CLASSES]
    document = config() | {"post_processing": post_processing}
    package = write_package(directory, constant_network(outputs or default), document)
    features = {"nms_fused"} if fused else set()
    return load_package(package, architecture="yololite", task="object-detection", backend="onnx", features=features)


def _answer(model: LoadedModel, **parameters: object) -> Detections:
    image = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
    (answer,) = model.infer([image], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, Detections)
    return answer


@pytest.mark.parametrize("fused", [None, False])
def test_a_score_is_the_product_of_both_probabilities(tmp_path: Path, fused: bool | None) -> None:
    answer = _answer(_load(tmp_path, fused=fused))
    assert answer.xyxy.tolist() == [[8, 16, 24, 48], [40, 80, 50, 120]]
    assert answer.class_id.tolist() == [0, 1]
    np.testing.assert_allclose(answer.confidence, [0.5, 0.2689], atol=1e-3)


def test_fused_outputs_are_only_filtered_and_the_threshold_is_enough(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, fused=True), max_detections=1, class_agnostic_nms=True)
    assert answer.confidence.tolist() == [np.float32(0.9), 0.25]


@pytest.mark.parametrize("number", range(3))
def test_an_output_that_is_not_finite_is_an_error(tmp_path: Path, number: int) -> None:
    outputs = [BOXES.copy(), OBJECTNESS.copy(), CLASSES.copy()]
    outputs[number][2, -1] = np.nan
    with pytest.raises(OutputNotFinite):
        _answer(_load(tmp_path, *outputs))


@pytest.mark.parametrize(
    "outputs",
    [(OBJECTNESS, BOXES, CLASSES), (BOXES, CLASSES, OBJECTNESS), (BOXES, OBJECTNESS, CLASSES[:2])],
)
def test_it_rejects_outputs_of_another_shape(tmp_path: Path, outputs: tuple[np.ndarray, ...]) -> None:
    with pytest.raises(PackageDamaged):
        _answer(_load(tmp_path, *outputs))


def test_without_suppression_inside_it_wants_three_outputs(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        _load(tmp_path, ROWS)
