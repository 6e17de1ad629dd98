"""Model names as the SDK sends them.

The SDK renames some well-known models before it sends them (`yolov8n-640` becomes `coco/3`), so that a model
of that id in our registry is asked for under the other name, and must be listed under it too.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from registry.errors import ModelNotFound, TokenRequired
from registry.models import Model
from registry.services.access import find_model, shown
from registry.services.tokens import Identity

TABLE = Path(__file__).with_name("renamed_models.json")


@lru_cache(maxsize=1)
def renamed_models() -> dict[str, str]:
    """The name that the SDK sends, for each name that it renames."""
    table: dict[str, str] = json.loads(TABLE.read_text(encoding="utf-8"))["renamed"]
    return table


def find_sent_model(name: str, identity: Identity) -> Model:
    """The model that the SDK's user means by ``name``. Raises as `find_model` does, and names what was asked for."""
    try:
        return find_model(name, identity)
    except (ModelNotFound, TokenRequired) as error:
        for typed in _typed_names().get(name, ()):
            try:
                return find_model(typed, identity)
            except (ModelNotFound, TokenRequired):
                continue
        raise type(error)(f"{shown(name)}: {error.message}") from error


def sent_names(model: Model) -> list[str]:
    """Every name under which the SDK may ask for ``model``; its aliases should be prefetched."""
    typed = [model.model_id, *(alias.alias for alias in model.aliases.all())]
    renamed = [renamed_models()[name] for name in typed if name in renamed_models()]
    return list(dict.fromkeys([*typed, *renamed]))


@lru_cache(maxsize=1)
def _typed_names() -> dict[str, list[str]]:
    typed: dict[str, list[str]] = {}
    for name, sent in renamed_models().items():
        typed.setdefault(sent, []).append(name)
    return typed
