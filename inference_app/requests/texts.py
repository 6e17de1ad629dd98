"""Texts in requests, for models that embed them: read from JSON, and checked before any work is done for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backends import registry
from registry.errors import InvalidRequest, RequestTooLarge
from registry.models import Model

MAX_TEXTS = 100
"""In one request. Each is a run of a network; those of earlier requests are remembered."""


def read_texts(sent: Any) -> list[str]:
    """A text, or a list of texts. Raises InvalidRequest and RequestTooLarge."""
    texts = sent if isinstance(sent, list) else [sent]
    if len(texts) > MAX_TEXTS:
        raise RequestTooLarge(f"At most {MAX_TEXTS} texts are taken in one request.")
    if not texts or not all(isinstance(text, str) for text in texts):
        raise InvalidRequest("The request holds no text: it is one string, or a list of them.")
    return texts


def check_texts(model: Model, texts: Sequence[str]) -> None:
    """Raises BadText where the model takes no texts, or not such long ones."""
    registry.check_texts(model.architecture, model.task_type, texts)
