"""Maps with a value for each pixel, as text in JSON: the arrays of a neutral answer (see `backends.predictions`)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from inference_app.requests.admission import weigh

Floats = npt.NDArray[np.float32]
MapFormat = Literal["png", "floats"]
MAP_FORMATS: tuple[MapFormat, ...] = ("png", "floats")
LEVELS = 65535


def is_semantic(result: Mapping[str, Any]) -> bool:
    """Whether a neutral answer is the class of each pixel."""
    predictions = result.get("predictions")
    return isinstance(predictions, dict) and "segmentation_mask" in predictions


def png(pixels: npt.NDArray[np.unsignedinteger[Any]]) -> str:
    """A grey PNG of 8 or 16 bits, as base64. Raises ServerBusy where there is no room for it now."""
    weigh(pixels.nbytes)
    encoded, data = cv2.imencode(".png", pixels)
    assert encoded
    return base64.b64encode(data.tobytes()).decode()


def described(values: Floats, form: MapFormat, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """The values as a PNG of 16 bits with its scale, or exactly, with what it takes to read them.

    PNG: ``{"format": "png16", "data", "scale", "offset"}``, and the value of a pixel is offset + scale x pixel. The
    levels lie evenly between ``low`` and ``high``, by default the least and the greatest value. Floats: ``{"format":
    "float32", "data", "shape": [height, width]}``, row by row, little-endian. ``data`` is base64.
    """
    if form == "floats":
        weigh(values.nbytes)
        data = base64.b64encode(values.astype("<f4").tobytes()).decode()
        return {"format": "float32", "data": data, "shape": list(values.shape)}
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    scale = (high - low) / LEVELS
    # A map of one value has one level.
    levels = (values - np.float32(low)) * np.float32(1 / scale if scale > 0 else 0)
    pixels = np.rint(np.clip(levels, 0, LEVELS)).astype(np.uint16)
    return {"format": "png16", "data": png(pixels), "scale": scale, "offset": low}
