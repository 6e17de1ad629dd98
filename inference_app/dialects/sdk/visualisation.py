"""Predictions drawn onto the picture, as a JPEG."""

from __future__ import annotations

import colorsys
import threading
import time
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from django.conf import settings

from backends.host.errors import DeadlineExceeded
from backends.host.settings import available_cores
from backends.images import decode

JPEG_QUALITY = 90
FONT = cv2.FONT_HERSHEY_SIMPLEX
TOO_LATE = "The deadline passed before the predictions were drawn."
# Each holds a decoded picture, in the process that answers all requests.
_turns = threading.BoundedSemaphore(available_cores())


def draw(image: bytes, body: Mapping[str, Any], *, labels: bool, stroke_width: int, deadline: float) -> bytes:
    """The upright picture with boxes, outlines of masks, and names if ``labels``.

    ``deadline`` is a time of ``time.monotonic()``. Raises BadImage and its kinds, and DeadlineExceeded.
    """
    if not _turns.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise DeadlineExceeded(TOO_LATE)
    try:
        picture = decode(image, settings.MAX_IMAGE_PIXELS, deadline=deadline)
        return _drawn(picture, body, labels=labels, stroke_width=stroke_width)
    except TimeoutError:
        raise DeadlineExceeded(TOO_LATE) from None
    finally:
        _turns.release()


def _drawn(picture: Any, body: Mapping[str, Any], *, labels: bool, stroke_width: int) -> bytes:
    scale = picture.shape[1] / body["image"]["width"]
    stroke = max(1, min(stroke_width, 64))
    for prediction in body.get("predictions", ()):
        if not isinstance(prediction, Mapping) or "x" not in prediction:
            continue
        colour = _colour(int(prediction["class_id"]))
        if prediction.get("points"):
            outline = np.array([[point["x"] * scale, point["y"] * scale] for point in prediction["points"]])
            cv2.polylines(picture, [outline.round().astype(np.int32)], True, colour, stroke)
        left = round((prediction["x"] - prediction["width"] / 2) * scale)
        top = round((prediction["y"] - prediction["height"] / 2) * scale)
        right = round((prediction["x"] + prediction["width"] / 2) * scale)
        bottom = round((prediction["y"] + prediction["height"] / 2) * scale)
        cv2.rectangle(picture, (left, top), (right, bottom), colour, stroke)
        if labels:
            _label(picture, f"{prediction['class']} {prediction['confidence']:.2f}", (left, top), colour)
    encoded, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert encoded
    return jpeg.tobytes()


def _label(picture: Any, text: str, corner: tuple[int, int], colour: tuple[int, int, int]) -> None:
    # OpenCV's font has ASCII only.
    text = text.encode("ascii", "replace").decode()
    (width, height), below = cv2.getTextSize(text, FONT, 0.5, 1)
    left, top = corner
    top = max(top, height + below)
    cv2.rectangle(picture, (left, top - height - below), (left + width, top), colour, cv2.FILLED)
    cv2.putText(picture, text, (left, top - below), FONT, 0.5, (255, 255, 255), 1, cv2.LINE_AA)


def _colour(class_id: int) -> tuple[int, int, int]:
    """A colour (blue, green, red) for each class; neighbours differ, by steps of the golden ratio around the circle."""
    red, green, blue = colorsys.hsv_to_rgb((class_id * 0.618034) % 1.0, 0.85, 0.8)
    return round(blue * 255), round(green * 255), round(red * 255)
