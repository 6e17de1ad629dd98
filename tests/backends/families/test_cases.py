"""Packages that real use brought, whose networks answer what is no prediction."""

from __future__ import annotations

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable
from backends.parameters import InferenceParameters
from backends.registry import load_package
from tests.cases import case


@pytest.mark.parametrize(
    ("name", "error"),
    [("nan-box", OutputNotFinite), ("nan-class-fused", OutputNotFinite), ("too-few-names", OutputUnusable)],
)
def test_what_is_no_prediction_never_becomes_one(name: str, error: type[Exception]) -> None:
    model = load_package(case(name), architecture="yolov8", task="object-detection", backend="onnx")
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    with pytest.raises(error):
        model.infer([image], InferenceParameters(confidence=0.1))
