from __future__ import annotations

from tests.admin_personas import admin_of_alpha, count_queries, curator, log_in, stranger, superuser, viewer

__all__ = ["admin_of_alpha", "count_queries", "curator", "log_in", "stranger", "superuser", "viewer"]
