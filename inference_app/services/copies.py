"""The cache of models hears of stored files that are damaged, and is verified as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inference_app.services import materialising
from packages_app.signals import blob_damaged, copies_verified


def listen() -> None:
    """Called once, when the app is ready."""
    blob_damaged.connect(_forget, dispatch_uid="cache-of-models")
    copies_verified.connect(_verify, dispatch_uid="cache-of-models")


def _forget(sha256: str, **_: Any) -> None:
    materialising.forget_blob(sha256)


def _verify(report: Callable[[str], Any], **_: Any) -> None:
    damaged = materialising.verify_all()
    if damaged:
        report(f"Packages whose copies in this machine's cache were damaged, which are made anew: {damaged}.")
