"""Errors as clients of the Open Inference Protocol read them."""

from __future__ import annotations

from typing import Any


def error_shape(body: dict[str, Any]) -> dict[str, Any]:
    """`error` is the message itself; what our own shape says beside it lies next to it."""
    error = dict(body["error"])
    return {"error": error.pop("message"), **error}
