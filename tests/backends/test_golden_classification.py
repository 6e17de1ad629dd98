"""Classifiers answer as the reference library does, case by case; those in PyTorch need it (make conformance)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.errors import BackendError
from backends.predictions import Classification
from tests.backends import golden

ONNX, MULTI_LABEL, TORCH = "resnet-test-cls-onnx", "resnet-test-multilabel-onnx", "resnet-test-cls-torch"


@pytest.fixture(scope="module", autouse=True)
def _unload() -> Iterator[None]:
    yield
    golden.unload_all()


def _answers(package: str, case: dict[str, Any], tmp_path: Path) -> list[Classification]:
    model = golden.load(package, case, tmp_path)
    answers = model.infer(golden.images(case), golden.parameters(case))
    assert all(isinstance(answer, Classification) for answer in answers)
    return answers  # type: ignore[return-value]


def _check(package: str, case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    if "error" in case:
        with pytest.raises(BackendError):
            _answers(package, case, tmp_path)
        return
    answers = _answers(package, case, tmp_path)
    if case["results"][0]["type"] == "ClassificationPrediction":
        # One result holds all images of the call.
        (expected,) = case["results"]
        assert [int(answer.scores.argmax()) for answer in answers] == expected["class_id"]
        np.testing.assert_allclose([answer.scores for answer in answers], expected["confidence"], atol=1e-3, rtol=0)
        return
    assert len(answers) == len(case["results"])
    for answer, expected in zip(answers, case["results"], strict=True):
        assert answer.predicted().tolist() == expected["class_ids"]
        np.testing.assert_allclose(answer.scores, expected["confidence"], atol=1e-3, rtol=0)


@pytest.mark.parametrize("case", golden.cases(ONNX))
def test_resnet_classification_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    _check(ONNX, case, tmp_path)


@pytest.mark.parametrize("case", golden.cases(MULTI_LABEL))
def test_resnet_multi_label_classification_agrees_with_the_reference(
    case: dict[str, Any] | None, tmp_path: Path
) -> None:
    _check(MULTI_LABEL, case, tmp_path)


@pytest.mark.torch
@pytest.mark.parametrize("case", golden.cases(TORCH))
def test_resnet_classification_in_torch_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    _check(TORCH, case, tmp_path)
