"""Key points, classes of pixels and distances agree with the reference library, case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.errors import BackendError
from tests.backends import golden

Check = Callable[[list[Any], dict[str, Any]], None]
CHECKS: dict[str, Check] = {
    "yolov8-shapes-kp-onnx": golden.check_key_points,
    "yolo26-shapes-kp-onnx": golden.check_key_points,
    "yolo26-shapes-semseg-onnx": golden.check_classes_of_pixels,
    "deeplab-shapes-semseg-onnx": golden.check_classes_of_pixels,
    "yolo26-shapes-depth-onnx": golden.check_depth,
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
        CHECKS[package](model.infer(golden.images(case), golden.parameters(case)), case)
