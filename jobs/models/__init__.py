"""The one table of long work."""

from __future__ import annotations

from jobs.models.job import OPEN_STATES, Job, State

__all__ = ["OPEN_STATES", "Job", "State"]
