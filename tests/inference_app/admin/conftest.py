from __future__ import annotations

from tests.admin_personas import admin_of_alpha, count_queries, curator, log_in, stranger, superuser, viewer
from tests.inference_app.fleet import cpu_box, mixed

__all__ = [
    "admin_of_alpha", "count_queries", "cpu_box", "curator", "log_in", "mixed", "stranger", "superuser", "viewer",
]  # fmt: skip
