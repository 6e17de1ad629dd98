"""RF-DETR packages answer as the reference library does, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.errors import BackendError
from tests.backends import golden

SEGMENTATION = "rfdetr-shapes-seg-onnx"
KEY_POINTS = "rfdetr-shapes-kp-onnx"
SEMANTIC = "rfdetr-shapes-semseg-onnx"


def _images(case: dict[str, Any]) -> list[np.ndarray]:
    """The case's images as we would be given them.

    The reference takes its RGB tensors for BGR here, so that the network sees them with their channels reversed.
    """
    images = golden.images(case)
    return [image[:, :, ::-1] for image in images] if case["input"].startswith("torch") else images


@pytest.mark.parametrize("case", golden.cases(SEGMENTATION))
def test_segmentation_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    model = golden.load(SEGMENTATION, case, tmp_path)
    golden.check(model.infer(_images(case), golden.parameters(case)), case)


@pytest.mark.parametrize("case", golden.cases(SEMANTIC))
def test_classes_of_pixels_agree_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    model = golden.load(SEMANTIC, case, tmp_path)
    golden.check_classes_of_pixels(model.infer(_images(case), golden.parameters(case)), case)


@pytest.mark.parametrize("case", golden.cases(KEY_POINTS))
def test_key_points_agree_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    if "error" in case:
        # The reference loads what it cannot run.
        with pytest.raises(BackendError):
            golden.load(KEY_POINTS, case, tmp_path)
    else:
        model = golden.load(KEY_POINTS, case, tmp_path)
        golden.check_key_points(model.infer(_images(case), golden.parameters(case)), case)
