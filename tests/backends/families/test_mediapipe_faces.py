"""The face detector: what of its numbers is a face, and where on the image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backends.errors import BadImage, NetworkMismatch, OutputNotFinite
from backends.families.mediapipe_faces.detection import NAMES, SIDE, FaceDetection, prepare_image
from backends.inference_config import InferenceConfig
from backends.parameters import DEFAULTS, InferenceParameters
from backends.predictions import KeyPoints
from backends.preprocessing.geometry import plan
from backends.session import BatchPolicy, Session, TensorSpec

CANDIDATES, NUMBERS = 896, 16
# The two anchors of the first cell, a sixteenth of the side wide, and one far away.
FIRST, SECOND, OTHER = 0, 1, 500
MIDDLE = SIDE / 32


def outputs(*faces: tuple[int, float, list[float]]) -> list[np.ndarray]:
    """What the network answers: for candidates a raw score, and centre and size in pixels beside the anchor."""
    boxes = np.zeros((CANDIDATES, NUMBERS), dtype=np.float32)
    scores = np.full((CANDIDATES, 1), -50, dtype=np.float32)
    for candidate, score, box in faces:
        boxes[candidate, :4], scores[candidate] = box, score
    return [boxes, scores]


def read(found: list[np.ndarray], height: int = SIDE, width: int = SIDE, **parameters: Any) -> KeyPoints:
    family = FaceDetection.read(None)  # type: ignore[arg-type] # nothing is read
    geometry = plan("stretch", (height, width), (0, 0, width, height), (SIDE, SIDE))
    return family.postprocess(found, geometry, InferenceParameters(**parameters))


def test_a_box_lies_around_its_anchor() -> None:
    answer = read(outputs((FIRST, 2, [20, 30, 16, 8])))
    assert answer.boxes.xyxy.tolist() == [[MIDDLE + 20 - 8, MIDDLE + 30 - 4, MIDDLE + 20 + 8, MIDDLE + 30 + 4]]
    assert answer.boxes.confidence.tolist() == [pytest.approx(1 / (1 + np.exp(-2)))]


def test_points_that_are_not_moved_lie_on_the_anchor_and_have_names() -> None:
    (face,) = read(outputs((FIRST, 2, [20, 30, 16, 8]))).to_json()["predictions"]
    assert [(point["x"], point["y"], point["confidence"]) for point in face["keypoints"]] == [(MIDDLE, MIDDLE, 1)] * 6
    assert tuple(point["class"] for point in face["keypoints"]) == NAMES
    assert face["class"] == "face"


def test_the_square_around_the_image_is_left_again() -> None:
    answer = read(outputs((FIRST, 2, [60, 60, 64, 64])), height=64, width=128)
    assert answer.boxes.xyxy.tolist() == [[32, 0, 96, 64]]


def test_boxes_that_overlap_are_one_and_the_surer_weighs_more() -> None:
    answer = read(outputs((FIRST, 3, [20, 30, 40, 40]), (SECOND, 1, [24, 30, 40, 40]), (OTHER, 1, [0, 0, 4, 4])))
    assert len(answer) == 2
    weights = 1 / (1 + np.exp([-3, -1]))
    left = MIDDLE + (20 * weights[0] + 24 * weights[1]) / weights.sum() - 20
    assert answer.boxes.xyxy[0, 0] == np.trunc(left)
    assert answer.boxes.confidence[0] == pytest.approx(weights[0])


@pytest.mark.parametrize(("confidence", "count"), [("default", 1), (0.0, 1), (0.6, 1), (0.9, 0)])
def test_what_is_less_sure_than_the_task_allows_is_never_answered(confidence: Any, count: int) -> None:
    found = outputs((FIRST, 1, [20, 30, 16, 8]), (OTHER, -0.1, [0, 0, 8, 8]))
    assert len(read(found, confidence=confidence)) == count


def test_a_box_without_an_extent_ends_the_search_all_the_same() -> None:
    assert len(read(outputs((FIRST, 1, [0, 0, 0, 0]), (OTHER, 1, [0, 0, -4, 4])))) == 2


def test_numbers_that_are_none_are_refused() -> None:
    found = outputs()
    found[0][3, 2] = np.nan
    with pytest.raises(OutputNotFinite):
        read(found)


def test_the_image_lies_in_the_middle_with_black_around_it() -> None:
    image = np.full((64, 128, 3), (0, 0, 255), dtype=np.uint8)
    tensor, _ = prepare_image(image, DEFAULTS)
    assert tensor.shape == (SIDE, SIDE, 3)
    np.testing.assert_allclose(tensor[64, 64], [1, -1, -1])
    np.testing.assert_allclose(tensor[8, 64], [-1, -1, -1])
    np.testing.assert_array_equal(
        prepare_image(image[:, :, ::-1], InferenceParameters(input_color_format="rgb"))[0], tensor
    )


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(BadImage):
        prepare_image(np.zeros((8, 8), dtype=np.uint8), DEFAULTS)


def test_another_network_is_refused() -> None:
    class Other(Session):
        inputs = (TensorSpec("input", "float32", (1, 3, 64, 64)),)
        outputs = ()
        batch_policy = BatchPolicy.static(1)
        memory_estimate = 0

        def __init__(self) -> None: ...

        def run_tensors(self, tensors: Any) -> dict[str, Any]:
            return {}

        def close(self) -> None: ...

    family = FaceDetection.read(None)  # type: ignore[arg-type] # nothing is read
    assert isinstance(family.config, InferenceConfig)
    with pytest.raises(NetworkMismatch, match="face detector"):
        family.check_session(Other())
