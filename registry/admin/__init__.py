"""The admin of who and what: one file a noun."""

from __future__ import annotations

from registry.admin import audit, model, token, user, workspace

__all__ = ["audit", "model", "token", "user", "workspace"]
