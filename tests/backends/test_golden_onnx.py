"""Detectors and segmenters on ONNX answer as the reference library does, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.backends import golden

CHECKS: dict[str, golden.Check] = {
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
EVERY = golden.every(CHECKS)


@pytest.mark.parametrize(("package", "case"), EVERY)
def test_it_agrees_with_the_reference(package: str, case: dict[str, Any] | None, tmp_path: Path) -> None:
    def check(answers: list[Any], case: dict[str, Any]) -> None:
        CHECKS[package](answers, golden.named(package, case))

    golden.check_case(check, package, case, tmp_path)
