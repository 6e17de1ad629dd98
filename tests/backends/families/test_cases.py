"""Packages that real use brought, whose networks answer what is no prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import OutputNotFinite, OutputUnusable
from backends.parameters import InferenceParameters
from backends.registry import load_package

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here")
@pytest.mark.parametrize(
    ("case", "error"),
    [("nan-box", OutputNotFinite), ("nan-class-fused", OutputNotFinite), ("too-few-names", OutputUnusable)],
)
def test_what_is_no_prediction_never_becomes_one(case: str, error: type[Exception]) -> None:
    model = load_package(CASES / case, architecture="yolov8", task="object-detection", backend="onnx")
    picture = np.zeros((64, 64, 3), dtype=np.uint8)
    with pytest.raises(error):
        model.infer([picture], InferenceParameters(confidence=0.1))
