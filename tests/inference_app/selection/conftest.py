from __future__ import annotations

from tests.inference_app.fleet import cpu_box, mixed

__all__ = ["cpu_box", "mixed"]
