"""L2CS answers as the reference library does, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.predictions import Gaze
from tests.backends import golden

L2CS = "l2cs-tiny-random-onnx"
RADIANS = 1e-3


@pytest.mark.parametrize("case", golden.cases(L2CS))
def test_l2cs_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    answers = golden.load(L2CS, case, tmp_path).infer(golden.images(case), golden.parameters(case))
    (expected,) = case["results"]
    for answer, yaw, pitch in zip(answers, expected["yaw"], expected["pitch"], strict=True):
        assert isinstance(answer, Gaze)
        assert answer.yaw.tolist() == [pytest.approx(yaw, abs=RADIANS)]
        assert answer.pitch.tolist() == [pytest.approx(pitch, abs=RADIANS)]
