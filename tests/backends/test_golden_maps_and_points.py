"""Key points, classes of pixels and distances agree with the reference library, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.backends import golden

CHECKS: dict[str, golden.Check] = {
    "yolov8-shapes-kp-onnx": golden.check_key_points,
    "yolo26-shapes-kp-onnx": golden.check_key_points,
    "yolo26-shapes-semseg-onnx": golden.check_classes_of_pixels,
    "deeplab-shapes-semseg-onnx": golden.check_classes_of_pixels,
    "yolo26-shapes-depth-onnx": golden.check_depth,
}
EVERY = golden.every(CHECKS)


@pytest.mark.parametrize(("package", "case"), EVERY)
def test_it_agrees_with_the_reference(package: str, case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.check_case(CHECKS[package], package, case, tmp_path)
