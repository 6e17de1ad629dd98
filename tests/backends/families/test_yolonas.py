from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import OutputNotFinite, PackageConfigInvalid, PackageDamaged
from backends.model import LoadedModel
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.predictions import Detections
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

BOXES = np.array([[8, 8, 24, 24], [8, 8, 24, 25], [40, 40, 50, 60]], dtype=np.float32)
SCORES = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.5]], dtype=np.float32)


def _load(
    directory: Path,
    *outputs: np.ndarray,
    post_processing: object = None,
    recommended: RecommendedParameters | None = None,
) -> LoadedModel:
    document = config() | {"post_processing": post_processing or {"type": "nms", "fused": False}}
    package = write_package(directory, constant_network(outputs or [BOXES, SCORES]), document)
    return load_package(
        package, architecture="yolonas", task="object-detection", backend="onnx", recommended=recommended
    )


def _answer(model: LoadedModel, **parameters: object) -> Detections:
    image = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
    (answer,) = model.infer([image], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, Detections)
    return answer


def test_boxes_are_corners_and_what_overlaps_is_suppressed(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path))
    assert answer.xyxy.tolist() == [[8, 16, 24, 48], [40, 80, 50, 120]]
    assert answer.class_id.tolist() == [0, 1]


def test_a_confidence_equal_to_the_threshold_is_too_little(tmp_path: Path) -> None:
    assert _answer(_load(tmp_path), confidence=0.5).class_id.tolist() == [0]


def test_recommendations_hold_for_their_class(tmp_path: Path) -> None:
    recommended = RecommendedParameters(confidence=0.95, per_class_confidence={"dog": 0.2})
    assert _answer(_load(tmp_path, recommended=recommended), confidence="best").class_id.tolist() == [1]


@pytest.mark.parametrize("post_processing", [{"type": "nms", "fused": True}, {"type": "softmax", "fused": False}])
def test_suppression_is_never_inside(tmp_path: Path, post_processing: object) -> None:
    with pytest.raises(PackageConfigInvalid):
        _load(tmp_path, post_processing=post_processing)


@pytest.mark.parametrize("number", [0, 1])
def test_an_output_that_is_not_finite_is_an_error(tmp_path: Path, number: int) -> None:
    outputs = [BOXES.copy(), SCORES.copy()]
    outputs[number][0, 0] = np.nan
    with pytest.raises(OutputNotFinite):
        _answer(_load(tmp_path, *outputs))


@pytest.mark.parametrize("outputs", [(SCORES, BOXES), (BOXES, SCORES[:2]), (BOXES, SCORES[:, :0])])
def test_it_rejects_outputs_of_another_shape(tmp_path: Path, outputs: tuple[np.ndarray, ...]) -> None:
    with pytest.raises(PackageDamaged):
        _answer(_load(tmp_path, *outputs))
