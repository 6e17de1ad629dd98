"""Predictions in the form of the native API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CENTRED = frozenset({"x", "y", "width", "height"})


def native_prediction(prediction: Mapping[str, Any]) -> dict[str, Any]:
    """The host's prediction (a box as centre and size) with its box as corners, in pixels of the upright picture."""
    if not prediction.keys() >= _CENTRED:
        return dict(prediction)
    half_width, half_height = prediction["width"] / 2, prediction["height"] / 2
    corners = {
        "x_min": prediction["x"] - half_width,
        "y_min": prediction["y"] - half_height,
        "x_max": prediction["x"] + half_width,
        "y_max": prediction["y"] + half_height,
    }
    return corners | {name: value for name, value in prediction.items() if name not in _CENTRED}
