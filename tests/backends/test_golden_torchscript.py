"""TorchScript packages answer as the reference library does; needs PyTorch (make conformance)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.errors import BackendError
from tests.backends import golden

PACKAGE = "yolov8n-shapes-od-torchscript"


@pytest.mark.torch
@pytest.mark.parametrize("case", golden.cases(PACKAGE))
def test_yolov8_detection_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    golden.require_golden()
    assert case is not None
    model = golden.load(PACKAGE, case, tmp_path)
    if "error" in case:
        with pytest.raises(BackendError):
            model.infer(golden.images(case), golden.parameters(case))
    else:
        golden.check(model.infer(golden.images(case), golden.parameters(case)), case)
