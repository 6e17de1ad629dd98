"""The face detector answers as MediaPipe does in the reference library, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from backends.parameters import InferenceParameters
from backends.predictions import KeyPoints
from tests.backends import golden

FACES = "mediapipe-face-detector"

pytest.importorskip("ai_edge_litert")


def images(case: dict[str, Any], boxes: list[list[int]]) -> list[np.ndarray]:
    """The arrays of the case's call: one description stands for two that were made of the image."""
    (image,) = golden.images(case)
    if case["id"] == "derived":
        # The larger one has its face farther to the right.
        return [cv2.resize(image, (1500, 1000)) if boxes[0][0] > 300 else image[20:330, 90:370]]
    return [image[:, ::-1] if case["id"] == "noncontig" else image]


@pytest.mark.parametrize("case", golden.cases(FACES))
def test_faces_agree_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    (points,), (expected,) = case["results"]["tuple"]
    parameters = InferenceParameters(confidence=case["params"].get("conf_thresh", "default"))
    (answer,) = golden.load(FACES, case, tmp_path).infer(images(case, expected["xyxy"]), parameters)
    assert isinstance(answer, KeyPoints)
    assert answer.boxes.xyxy.tolist() == expected["xyxy"]
    # What MediaPipe makes of the image differs in the last bits: a point in the middle may fall to either pixel.
    np.testing.assert_allclose(answer.xy, np.array(points["xy"]).reshape(answer.xy.shape), atol=1)
    assert answer.confidence.tolist() == points["confidence"]
    np.testing.assert_allclose(answer.boxes.confidence, expected["confidence"], atol=1e-3)
