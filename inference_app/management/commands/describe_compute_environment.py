"""`manage.py describe_compute_environment`: the same as `environment`, under the client's name for it."""

from __future__ import annotations

from inference_app.management.commands.environment import Command

__all__ = ["Command"]
