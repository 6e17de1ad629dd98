"""Classifiers: ResNet, and ViT which differs in its name only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable, PackageConfigInvalid, PackageDamaged
from backends.families.classification.classifier import MultiLabelClassifier, SingleLabelClassifier
from backends.model import LoadedModel
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.predictions import Classification
from backends.registry import find_implementation, load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

SINGLE, SEVERAL = "classification", "multi-label-classification"
NAMES = ("cat", "dog", "horse")


def _load(
    directory: Path,
    values: list[float],
    task: str = SINGLE,
    *,
    fused: bool = False,
    names: tuple[str, ...] = NAMES,
    architecture: str = "resnet",
    recommended: RecommendedParameters | None = None,
    **network_input: object,
) -> LoadedModel:
    kind = "softmax" if task == SINGLE else "sigmoid"
    document = config(**network_input) | {"post_processing": {"type": kind, "fused": fused}}
    network = constant_network([np.array(values, dtype=np.float32)])
    package = write_package(directory, network, document, names)
    return load_package(package, architecture=architecture, task=task, backend="onnx", recommended=recommended)


def _answer(model: LoadedModel, **parameters: object) -> Classification:
    image = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
    (answer,) = model.infer([image], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, Classification)
    return answer


@pytest.mark.parametrize("architecture", ["resnet", "vit"])
def test_scores_of_one_class_add_up_to_one(tmp_path: Path, architecture: str) -> None:
    answer = _answer(_load(tmp_path, [1.0, 3.0, 2.0], architecture=architecture))
    np.testing.assert_allclose(answer.scores, [0.090031, 0.665241, 0.244728], atol=1e-6)
    assert answer.to_json()["top"] == "dog"
    assert answer.image_size == (2 * SIDE, SIDE)


def test_scores_of_several_classes_stand_for_themselves(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, [0.0, 2.0, -2.0], SEVERAL))
    np.testing.assert_allclose(answer.scores, [0.5, 0.880797, 0.119203], atol=1e-6)


@pytest.mark.parametrize("task", [SINGLE, SEVERAL])
def test_a_fused_last_step_is_not_done_again(tmp_path: Path, task: str) -> None:
    answer = _answer(_load(tmp_path, [0.25, 0.5, 0.125], task, fused=True))
    assert answer.scores.tolist() == [0.25, 0.5, 0.125]


def test_the_default_confidence_is_two_fifths_and_equal_is_enough(tmp_path: Path) -> None:
    model = _load(tmp_path, [0.4, 0.39, 0.9], SEVERAL, fused=True)
    assert _answer(model).predicted().tolist() == [0, 2]
    assert _answer(model, confidence=0.9).predicted().tolist() == [2]
    assert _answer(model, confidence=0.0).predicted().tolist() == [0, 1, 2]


def test_recommendations_hold_for_their_class(tmp_path: Path) -> None:
    recommended = RecommendedParameters(confidence=0.7, per_class_confidence={"dog": 0.2})
    model = _load(tmp_path, [0.6, 0.3, 0.8], SEVERAL, fused=True, recommended=recommended)
    assert _answer(model, confidence="best").predicted().tolist() == [1, 2]
    assert _answer(model).predicted().tolist() == [0, 2]


def test_the_confidence_takes_nothing_from_the_scores(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, [0.2, 0.5, 0.3], fused=True), confidence=0.9)
    assert len(answer.to_json()["predictions"]) == 3
    assert answer.predicted().tolist() == []


def test_a_class_without_a_name_is_an_error(tmp_path: Path) -> None:
    model = _load(tmp_path, [0.2, 0.6, 0.4], SEVERAL, fused=True, names=("cat",))
    with pytest.raises(OutputUnusable, match=r"found class 1, .* names for 1 classes"):
        _answer(model)


@pytest.mark.parametrize("task", [SINGLE, SEVERAL])
def test_a_fused_score_above_one_is_an_error(tmp_path: Path, task: str) -> None:
    with pytest.raises(OutputUnusable, match="confidence of 112"):
        _answer(_load(tmp_path, [0.2, 112.0, 0.4], task, fused=True))


def test_names_without_a_class_are_left_out(tmp_path: Path) -> None:
    answer = _answer(_load(tmp_path, [0.2, 0.8], SEVERAL, fused=True))
    assert list(answer.to_json()["predictions"]) == ["cat", "dog"]


def test_large_values_do_not_overflow() -> None:
    values = np.array([-1e4, 0, 1e4], dtype=np.float32)
    assert SingleLabelClassifier.activate(values).tolist() == [0, 0, 1]
    assert MultiLabelClassifier.activate(values).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("task", [SINGLE, SEVERAL])
def test_values_that_are_no_numbers_are_an_error(tmp_path: Path, task: str, fused: bool, value: float) -> None:
    model = _load(tmp_path, [0.0, value, 1.0], task, fused=fused)
    with pytest.raises(OutputNotFinite):
        _answer(model)


def test_fitting_the_longer_edge_becomes_a_stretch(tmp_path: Path) -> None:
    model = _load(tmp_path, [0.0, 0.0, 0.0], resize_mode="fit-longer-edge")
    tensor = model.preprocess(np.full((32, 64, 3), 255, dtype=np.uint8)).tensor
    np.testing.assert_array_equal(tensor, np.ones((3, SIDE, SIDE), dtype=np.float32))


@pytest.mark.parametrize(("task", "kind"), [(SINGLE, "sigmoid"), (SEVERAL, "softmax"), (SINGLE, "nms"), (SINGLE, None)])
def test_it_rejects_the_last_step_of_another_task(tmp_path: Path, task: str, kind: str | None) -> None:
    document = config() | {"post_processing": None if kind is None else {"type": kind, "fused": False}}
    package = write_package(tmp_path, constant_network([np.zeros(2)]), document)
    with pytest.raises(PackageConfigInvalid, match=r"post_processing\.type"):
        load_package(package, architecture="resnet", task=task, backend="onnx")


def test_it_rejects_outputs_of_another_shape(tmp_path: Path) -> None:
    document = config() | {"post_processing": {"type": "softmax", "fused": False}}
    package = write_package(tmp_path, constant_network([np.zeros((2, 5))]), document)
    model = load_package(package, architecture="resnet", task=SINGLE, backend="onnx")
    with pytest.raises(PackageDamaged):
        _answer(model)


@pytest.mark.parametrize("task", [SINGLE, SEVERAL])
def test_each_backend_has_its_files(task: str) -> None:
    files = {backend: find_implementation("resnet", task, backend).files for backend in ("onnx", "torch", "trt")}
    assert files["torch"] == ("weights.pth", "class_names.txt", "inference_config.json")
    assert files["trt"] == ("engine.plan", "class_names.txt", "inference_config.json", "trt_config.json")
