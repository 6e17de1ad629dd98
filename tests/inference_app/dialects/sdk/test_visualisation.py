from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
import pytest

from backends.errors import ImageTooLarge
from backends.host.errors import DeadlineExceeded
from inference_app.dialects.sdk.visualisation import draw

BODY = {"image": {"width": 40, "height": 24}, "predictions": []}


def picture() -> bytes:
    return cv2.imencode(".jpg", np.zeros((24, 40, 3), dtype=np.uint8))[1].tobytes()


def drawn(seconds: float = 60.0) -> bytes:
    body: dict[str, Any] = BODY
    return draw(picture(), body, labels=True, stroke_width=2, deadline=time.monotonic() + seconds)


def test_it_draws_a_jpeg_of_the_same_size() -> None:
    assert cv2.imdecode(np.frombuffer(drawn(), np.uint8), cv2.IMREAD_COLOR).shape == (24, 40, 3)


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
