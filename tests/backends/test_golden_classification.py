"""Classifiers answer as the reference library does, case by case; those in PyTorch need it (make conformance)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.errors import BackendError
from backends.predictions import Classification
from tests.backends import golden

ONNX, MULTI_LABEL, TORCH = "resnet-test-cls-onnx", "resnet-test-multilabel-onnx", "resnet-test-cls-torch"
YOLO = ("yolov8-shapes-cls-onnx", "yolov11-shapes-cls-onnx")


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
        golden.check_scores([answer.scores for answer in answers], case)
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


@pytest.mark.parametrize(("package", "case"), golden.every(YOLO))
def test_yolo_classification_agrees_with_the_reference(
    package: str, case: dict[str, Any] | None, tmp_path: Path
) -> None:
    golden.require_golden()
    assert case is not None
    if case["id"] != "rgba":
        _check(package, case, tmp_path)
        return
    # The reference fails on a fourth channel where it cuts out the centre. It is dropped here like everywhere else.
    assert "error" in case
    (answer,) = _answers(package, case, tmp_path)
    (opaque,) = _answers(package, case | {"input": "bgr-numpy"}, tmp_path)
    np.testing.assert_array_equal(answer.scores, opaque.scores)


@pytest.mark.torch
@pytest.mark.parametrize("case", golden.cases(TORCH))
def test_resnet_classification_in_torch_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    _check(TORCH, case, tmp_path)
