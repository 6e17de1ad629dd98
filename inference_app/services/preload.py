"""Models that are loaded at the start and stay: PINNED_MODELS, ids or aliases, comma-separated."""

from __future__ import annotations

import threading

import structlog
from django.conf import settings
from django.db import connection

from backends.errors import BackendError
from inference_app.services import inference
from negotiation.errors import NegotiationError
from registry.errors import WeighbridgeError
from registry.models import Model

logger = structlog.get_logger("weighbridge.preload")

_guard = threading.Lock()
_loading: threading.Thread | None = None


def not_loaded_yet() -> list[str]:
    """Pinned ids whose model is not in memory. The first question starts to load them, in the background."""
    if not settings.PINNED_MODELS:
        return []
    in_memory = {info.package_id for info in inference.loaded() if info.pinned}
    missing = [name for name in settings.PINNED_MODELS if not _is_loaded(name, in_memory)]
    if missing:
        _load_in_background(missing)
    return missing


def _is_loaded(name: str, in_memory: set[str]) -> bool:
    model = _find(name)
    return model is not None and model.packages.filter(package_id__in=in_memory).exists()


def _find(name: str) -> Model | None:
    found = Model.objects.filter(model_id=name).first()
    return found or Model.objects.filter(aliases__alias=name).first()


def _load_in_background(names: list[str]) -> None:
    global _loading
    with _guard:
        if _loading is not None and _loading.is_alive():
            return
        _loading = threading.Thread(target=_load, args=(names,), name="preload", daemon=True)
        _loading.start()


def _load(names: list[str]) -> None:
    try:
        for name in names:
            try:
                _load_one(name)
            except Exception:
                # Nobody else would hear of it in this thread, a database that is away included; and the next one may
                # load. The next question whether the server is ready tries again.
                logger.exception("a pinned model could not be loaded", model=name)
    finally:
        connection.close()


def _load_one(name: str) -> None:
    model = _find(name)
    if model is None:
        logger.warning("a pinned model does not exist", model=name)
        return
    try:
        inference.load(model, pin=True)
    except (BackendError, NegotiationError, WeighbridgeError) as error:
        logger.warning("a pinned model could not be loaded", model=name, code=error.code)
