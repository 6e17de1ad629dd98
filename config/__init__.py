"""How the parts are put together. The Celery application is imported here, so that tasks find it."""

from __future__ import annotations

from config.celery import app as celery_app

__all__ = ["celery_app"]
