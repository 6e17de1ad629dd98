"""ONNX packages answer as the reference library does, case by case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backends.errors import BackendError
from tests.backends import golden

PACKAGES = ("yolov8n-shapes-od-onnx-static", "yolov10n-shapes-od-onnx", "yolov8n-shapes-seg-onnx-static")


@pytest.fixture(scope="module", autouse=True)
def _unload() -> Iterator[None]:
    yield
    golden.unload_all()


def _check(package: str, case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    model = golden.load(package, case, tmp_path)
    if "error" in case:
        with pytest.raises(BackendError):
            model.infer(golden.images(case), golden.parameters(case))
    else:
        golden.check(model.infer(golden.images(case), golden.parameters(case)), case)


@pytest.mark.parametrize("case", golden.cases(PACKAGES[0]))
def test_yolov8_detection_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    _check(PACKAGES[0], case, tmp_path)


@pytest.mark.parametrize("case", golden.cases(PACKAGES[1]))
def test_yolov10_detection_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    _check(PACKAGES[1], case, tmp_path)


@pytest.mark.parametrize("case", golden.cases(PACKAGES[2]))
def test_yolov8_segmentation_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    _check(PACKAGES[2], case, tmp_path)
