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
# What was not the answer of the model host, which should have given it, is not believed for long.
RETRY_SECONDS = 5.0

_guard = threading.Lock()
# Until when it holds (monotonic seconds), and the description.
_known: tuple[float, dict[str, Any]] | None = None


def describe() -> dict[str, Any]:
    """The detected environment with its sources, as `DetectedEnvironment.to_json` has it.

    Where the model host runs under another interpreter (MODEL_HOST_PYTHON), the host is asked: what is
    installed there decides, not what is installed beside the web server. Every request that runs a model asks for
    this: while one of them detects anew, the others get what was known.
    """
    global _known
    known = _known
    if known is not None and time.monotonic() < known[0]:
        return known[1]
    if not _guard.acquire(blocking=known is None):
        assert known is not None
        return known[1]
    try:
        if _known is None or time.monotonic() >= _known[0]:
            lifetime, description = _detect(None if _known is None else _known[1])
            _known = (time.monotonic() + lifetime, description)
        return _known[1]
    finally:
        _guard.release()


def server_environment() -> Environment:
    """The environment for negotiation."""
    return Environment.from_json(describe()["environment"])


def newest_onnx() -> tuple[str | None, int | None, int | None]:
    """The ONNX Runtime that runs models here, and the newest opset and IR version that it was found to read."""
    for probe in describe()["probes"]:
        value = probe["value"]
        if probe["name"] == "onnx_runtime" and isinstance(value, dict):
            return value.get("version"), value.get("newest_opset"), value.get("newest_ir_version")
    return None, None, None


def forget() -> None:
    """Detect anew at the next question."""
    global _known
    with _guard:
        _known = None


def _detect(before: dict[str, Any] | None) -> tuple[float, dict[str, Any]]:
    """For how many seconds the description holds, and the description. ``before`` is the one until now."""
    if not settings.MODEL_HOST_PYTHON:
        return LIFETIME_SECONDS, detect().to_json()
    try:
        return LIFETIME_SECONDS, hosts.client().environment()
    except BackendError as error:
        logger.warning("the model host did not describe its environment", code=error.code)
        return RETRY_SECONDS, before or detect().to_json()
