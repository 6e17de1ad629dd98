"""The admin of jobs."""

from __future__ import annotations

from jobs.admin import job

__all__ = ["job"]
