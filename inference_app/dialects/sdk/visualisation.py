"""Predictions drawn onto the image, as a JPEG."""

from __future__ import annotations

import colorsys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from django.conf import settings

from backends.errors import DeadlineExceeded
from backends.images import decode
from backends.postprocessing.semantic import BACKGROUND
from backends.processor import available_cores
from inference_app.dialects.maps import is_semantic
from inference_app.dialects.sdk.maps import coloured_jpeg, nearness

JPEG_QUALITY = 90
FONT = cv2.FONT_HERSHEY_SIMPLEX
TOO_LATE = "The deadline passed before the predictions were drawn."
# Each holds a decoded image, in the process that answers all requests.
_turns = threading.BoundedSemaphore(available_cores())


def draw(
    image: bytes,
    result: Mapping[str, Any],
    detections: Sequence[Mapping[str, Any]],
    *,
    labels: bool,
    stroke_width: int,
    deadline: float,
) -> bytes:
    """The upright image with boxes, outlines of masks, key points and the lines between them, and names if ``labels``.

    ``detections`` are those boxes of the neutral answer ``result`` (see `backends.predictions`) that are to be seen.
    For the class of each pixel it is the image under the classes' colours, and for distances a picture of these alone.
    ``deadline`` is a time of ``time.monotonic()``. Raises BadImage and its kinds, and DeadlineExceeded.
    """
    if "depth_map" in result:
        return coloured_jpeg(nearness(result["depth_map"]))
    if not _turns.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise DeadlineExceeded(TOO_LATE)
    try:
        canvas = decode(image, settings.MAX_IMAGE_PIXELS, deadline=deadline)
        if is_semantic(result):
            _draw_classes(canvas, result["predictions"]["segmentation_mask"], result["predictions"]["class_map"])
        else:
            scale = canvas.shape[1] / result["image"]["width"] if "image" in result else 1.0
            _draw_all(canvas, scale, detections, result.get("skeletons", {}), labels, max(1, min(stroke_width, 64)))
        encoded, jpeg = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        assert encoded
        return jpeg.tobytes()
    except TimeoutError:
        raise DeadlineExceeded(TOO_LATE) from None
    finally:
        _turns.release()


def _draw_classes(canvas: Any, class_map: npt.NDArray[np.unsignedinteger[Any]], class_names: Mapping[str, str]) -> None:
    """Every class but the background half over the image; the map may be that of the image's corner alone."""
    height, width = class_map.shape
    part = canvas[:height, :width]
    class_map = class_map[: part.shape[0], : part.shape[1]]
    table = np.array([_colour(class_id) for class_id in range(len(class_names))], dtype=np.uint8)
    seen = np.array([class_names[str(class_id)].lower() != BACKGROUND for class_id in range(len(class_names))])
    mixed = cv2.addWeighted(part, 0.5, table[class_map], 0.5, 0)
    np.copyto(part, mixed, where=seen[class_map][:, :, None])


def _draw_all(
    canvas: Any,
    scale: float,
    detections: Sequence[Mapping[str, Any]],
    skeletons: Mapping[str, Sequence[Sequence[int]]],
    labels: bool,
    stroke: int,
) -> None:
    for detection in detections:
        if "x1" not in detection:
            continue
        colour = _colour(int(detection["class_id"]))
        if detection.get("points"):
            outline = np.array([[point["x"] * scale, point["y"] * scale] for point in detection["points"]])
            cv2.polylines(canvas, [outline.round().astype(np.int32)], True, colour, stroke)
        left, top, right, bottom = (round(detection[name] * scale) for name in ("x1", "y1", "x2", "y2"))
        cv2.rectangle(canvas, (left, top), (right, bottom), colour, stroke)
        _draw_key_points(canvas, scale, detection, skeletons.get(detection["class"], ()), stroke)
        if labels:
            _label(canvas, f"{detection['class']} {detection['confidence']:.2f}", (left, top), colour)


def _draw_key_points(
    canvas: Any, scale: float, detection: Mapping[str, Any], skeleton: Sequence[Sequence[int]], stroke: int
) -> None:
    """A dot for each key point that is not hidden, and a line for each edge between two of them."""
    colour = _colour(int(detection["class_id"]))
    points = {
        point["class_id"]: (round(point["x"] * scale), round(point["y"] * scale))
        for point in detection.get("keypoints", ())
    }
    for start, end in skeleton:
        if start in points and end in points:
            cv2.line(canvas, points[start], points[end], colour, stroke, cv2.LINE_AA)
    for centre in points.values():
        cv2.circle(canvas, centre, stroke + 2, colour, cv2.FILLED, cv2.LINE_AA)


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
