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
    return draw(image(), width, detections, labels=False, stroke_width=1, deadline=deadline)


def test_it_draws_a_jpeg_of_the_same_size() -> None:
    assert cv2.imdecode(np.frombuffer(drawn(), np.uint8), cv2.IMREAD_COLOR).shape == (24, 40, 3)


@pytest.mark.parametrize(("width", "sides"), [(40, (4, 20)), (80, (2, 10))])
def test_a_box_is_drawn_on_the_grid_that_it_lies_on(width: int, sides: tuple[int, int]) -> None:
    pixels = cv2.imdecode(np.frombuffer(drawn(BOX, width=width), np.uint8), cv2.IMREAD_COLOR)
    middle = pixels[:, round(20 * 40 / width)].max(axis=1)
    assert sorted(np.argsort(middle)[-2:].tolist()) == list(sides)


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
