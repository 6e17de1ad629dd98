"""The admin of packages."""

from __future__ import annotations

from packages_app.admin import model, package

__all__ = ["model", "package"]
