"""What the machine offers that runs our models."""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from django.conf import settings

from backends.errors import BackendError
from inference_app.services import hosts
from negotiation.detection import detect
from negotiation.environment import Environment

logger = structlog.get_logger("weighbridge.environment")
# Drivers and devices can change under a running server; a restart is not needed to see it.
LIFETIME_SECONDS = 600.0

_guard = threading.Lock()
_known: tuple[float, dict[str, Any]] | None = None


def describe() -> dict[str, Any]:
    """The detected environment with its sources, as `DetectedEnvironment.to_json` has it.

    Where the model host runs under another interpreter (MODEL_HOST_PYTHON), the host is asked: what is
    installed there decides, not what is installed beside the web server.
    """
    global _known
    with _guard:
        if _known is None or time.monotonic() - _known[0] > LIFETIME_SECONDS:
            _known = (time.monotonic(), _detect())
        return _known[1]


def server_environment() -> Environment:
    """The environment for negotiation."""
    return Environment.from_json(describe()["environment"])


def forget() -> None:
    """Detect anew at the next question."""
    global _known
    with _guard:
        _known = None


def _detect() -> dict[str, Any]:
    if settings.MODEL_HOST_PYTHON:
        try:
            described: dict[str, Any] = hosts.client().environment()
            return described
        except BackendError as error:
            logger.warning("the model host did not describe its environment", code=error.code)
    return detect().to_json()
