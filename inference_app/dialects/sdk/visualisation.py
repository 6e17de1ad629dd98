"""Predictions drawn onto the image, as a JPEG."""

from __future__ import annotations

import colorsys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from django.conf import settings

from backends.errors import DeadlineExceeded
from backends.images import decode
from backends.processor import available_cores

JPEG_QUALITY = 90
FONT = cv2.FONT_HERSHEY_SIMPLEX
TOO_LATE = "The deadline passed before the predictions were drawn."
# Each holds a decoded image, in the process that answers all requests.
_turns = threading.BoundedSemaphore(available_cores())


def draw(
    image: bytes,
    width: int,
    detections: Sequence[Mapping[str, Any]],
    *,
    labels: bool,
    stroke_width: int,
    deadline: float,
) -> bytes:
    """The upright image with boxes, outlines of masks, and names if ``labels``.

    ``detections`` are those of a neutral answer (see `backends.predictions`), on a grid that is ``width`` pixels wide.
    ``deadline`` is a time of ``time.monotonic()``. Raises BadImage and its kinds, and DeadlineExceeded.
    """
    if not _turns.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise DeadlineExceeded(TOO_LATE)
    try:
        canvas = decode(image, settings.MAX_IMAGE_PIXELS, deadline=deadline)
        _draw_all(canvas, canvas.shape[1] / width, detections, labels=labels, stroke=max(1, min(stroke_width, 64)))
        encoded, jpeg = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        assert encoded
        return jpeg.tobytes()
    except TimeoutError:
        raise DeadlineExceeded(TOO_LATE) from None
    finally:
        _turns.release()


def _draw_all(canvas: Any, scale: float, detections: Sequence[Mapping[str, Any]], *, labels: bool, stroke: int) -> None:
    for detection in detections:
        colour = _colour(int(detection["class_id"]))
        if detection.get("points"):
            outline = np.array([[point["x"] * scale, point["y"] * scale] for point in detection["points"]])
            cv2.polylines(canvas, [outline.round().astype(np.int32)], True, colour, stroke)
        left, top, right, bottom = (round(detection[name] * scale) for name in ("x1", "y1", "x2", "y2"))
        cv2.rectangle(canvas, (left, top), (right, bottom), colour, stroke)
        if labels:
            _label(canvas, f"{detection['class']} {detection['confidence']:.2f}", (left, top), colour)


def _label(canvas: Any, text: str, corner: tuple[int, int], colour: tuple[int, int, int]) -> None:
    # OpenCV's font has ASCII only.
    text = text.encode("ascii", "replace").decode()
    (width, height), below = cv2.getTextSize(text, FONT, 0.5, 1)
    left, top = corner
    top = max(top, height + below)
    cv2.rectangle(canvas, (left, top - height - below), (left + width, top), colour, cv2.FILLED)
    cv2.putText(canvas, text, (left, top - below), FONT, 0.5, (255, 255, 255), 1, cv2.LINE_AA)


def _colour(class_id: int) -> tuple[int, int, int]:
    """A colour (blue, green, red) for each class; neighbours differ, by steps of the golden ratio around the circle."""
    red, green, blue = colorsys.hsv_to_rgb((class_id * 0.618034) % 1.0, 0.85, 0.8)
    return round(blue * 255), round(green * 255), round(red * 255)
