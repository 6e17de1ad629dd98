"""The admin of machines, of compatibility and of the model host."""

from __future__ import annotations

from inference_app.admin import host, machine, model

__all__ = ["host", "machine", "model"]
