from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
import pytest

from backends.errors import DeadlineExceeded, ImageTooLarge
from inference_app.dialects.sdk.visualisation import draw

BOX = {"x1": 10.0, "y1": 4.0, "x2": 30.0, "y2": 20.0, "class": "circle", "class_id": 0, "confidence": 0.9}


def image() -> bytes:
    return cv2.imencode(".jpg", np.zeros((24, 40, 3), dtype=np.uint8))[1].tobytes()


def drawn(*detections: dict[str, Any], width: int = 40, seconds: float = 60.0) -> bytes:
    deadline = time.monotonic() + seconds
    return drawn_of({"image": {"width": width}}, *detections, deadline=deadline)


def drawn_of(result: dict[str, Any], *detections: dict[str, Any], deadline: float | None = None) -> bytes:
    deadline = time.monotonic() + 60.0 if deadline is None else deadline
    return draw(image(), result, detections, labels=False, stroke_width=1, deadline=deadline)


def pixels_of(jpeg: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def test_it_draws_a_jpeg_of_the_same_size() -> None:
    assert cv2.imdecode(np.frombuffer(drawn(), np.uint8), cv2.IMREAD_COLOR).shape == (24, 40, 3)


@pytest.mark.parametrize(("width", "sides"), [(40, (4, 20)), (80, (2, 10))])
def test_a_box_is_drawn_on_the_grid_that_it_lies_on(width: int, sides: tuple[int, int]) -> None:
    pixels = cv2.imdecode(np.frombuffer(drawn(BOX, width=width), np.uint8), cv2.IMREAD_COLOR)
    middle = pixels[:, round(20 * 40 / width)].max(axis=1)
    assert sorted(np.argsort(middle)[-2:].tolist()) == list(sides)


def test_key_points_are_dots_with_lines_between_them() -> None:
    def dog(*numbers: int) -> dict[str, Any]:
        places = {0: (6.0, 12.0), 1: (34.0, 12.0)}
        points = [{"x": places[number][0], "y": places[number][1], "class_id": number} for number in numbers]
        return {**BOX, "x1": 2.0, "x2": 38.0, "y1": 1.0, "y2": 22.0, "keypoints": points}

    result = {"image": {"width": 40}, "skeletons": {"circle": [[0, 1]]}}
    joined, one = pixels_of(drawn_of(result, dog(0, 1))), pixels_of(drawn_of(result, dog(0)))
    assert joined[12, 6].max() > 100
    assert joined[12, 20].max() > 100
    # Nothing leads to a key point that is hidden.
    assert one[12, 6].max() > 100
    assert one[12, 20].max() < 40


@pytest.mark.parametrize("height", [24, 12, 48])
def test_classes_of_pixels_lie_over_the_image(height: int) -> None:
    class_map = np.zeros((height, 40), dtype=np.uint8)
    class_map[:, 20:] = 1
    names = {"0": "Background", "1": "cat"}
    maps = {"segmentation_mask": class_map, "class_map": names, "confidence_mask": None, "present_class_ids": [0, 1]}
    pixels = pixels_of(drawn_of({"image": {"width": 40, "height": height}, "predictions": maps}))
    assert pixels.shape == (24, 40, 3)
    assert pixels[4, 4].max() < 20
    assert pixels[4, 34].max() > 60


def test_distances_are_a_picture_of_their_own() -> None:
    metres = np.repeat(np.linspace(1, 9, 40, dtype=np.float32)[None], 24, axis=0)
    pixels = pixels_of(drawn_of({"image": {"width": 40, "height": 24}, "depth_map": metres}))
    assert pixels.shape == (24, 40, 3)
    # Near is yellow, far is violet.
    assert pixels[4, 2, 1] > 150 > pixels[4, -2, 1]


def test_it_decodes_within_the_same_bounds_as_every_request(settings: Any) -> None:
    settings.MAX_IMAGE_PIXELS = 40 * 24 - 1
    with pytest.raises(ImageTooLarge):
        drawn()


def test_it_ends_at_the_deadline_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.images.MOST_EFFORT_HERE", 0)
    with pytest.raises(DeadlineExceeded):
        drawn(seconds=0.0)
    with pytest.raises(DeadlineExceeded):
        drawn(seconds=0.01)
    # Nobody waits for those that came too late.
    assert drawn()
