"""The admin of machines and of coverage."""

from __future__ import annotations

from inference_app.admin import machine, model

__all__ = ["machine", "model"]
