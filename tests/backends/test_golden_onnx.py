"""Detectors and segmenters on ONNX answer as the reference library does, case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.errors import BackendError
from tests.backends import golden

Check = Callable[[list[Any], dict[str, Any]], None]
CHECKS: dict[str, Check] = {
    "yolov8n-shapes-od-onnx-static": golden.check,
    "yolov10n-shapes-od-onnx": golden.check,
    "yolov8n-shapes-seg-onnx-static": golden.check_every_pixel,
    "yolo26-shapes-od-onnx": golden.check,
    "yolo26-shapes-seg-onnx": golden.check_every_pixel,
    "yolov5-shapes-od-onnx": golden.check,
    "yolov5-shapes-seg-onnx": golden.check_every_pixel,
    "yolonas-shapes-od-onnx": golden.check,
    "yolact-shapes-seg-onnx": golden.check_every_pixel,
}
# One parameter a case: the package's name and what was recorded.
EVERY = [
    pytest.param(package, *case.values, id=f"{package}-{case.id}")
    for package in CHECKS
    for case in golden.cases(package)
]


@pytest.fixture(scope="module", autouse=True)
def _unload() -> Iterator[None]:
    yield
    golden.unload_all()


@pytest.mark.parametrize(("package", "case"), EVERY)
def test_it_agrees_with_the_reference(package: str, case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    model = golden.load(package, case, tmp_path)
    if "error" in case:
        with pytest.raises(BackendError):
            model.infer(golden.images(case), golden.parameters(case))
    else:
        answers = model.infer(golden.images(case), golden.parameters(case))
        CHECKS[package](answers, golden.named(package, case))
