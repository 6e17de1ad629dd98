"""model_config.json: what a package is, as the client's local packages say it. It is read, and never stored."""

from __future__ import annotations

import json
from dataclasses import dataclass

from negotiation.manifests import BACKENDS, BACKENDS_BY_OTHER_NAMES
from packages_app.errors import InvalidDirectory, ModelMismatch
from registry.models import Model

CONFIG_NAME = "model_config.json"
CONFIG_KEYS = ("model_architecture", "task_type", "backend_type")
MAX_CONFIG_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Config:
    architecture: str
    task_type: str
    backend: str


def parse_config(text: str) -> Config:
    """Read the text of a model_config.json. Raises InvalidDirectory."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidDirectory(f"{CONFIG_NAME} cannot be read as JSON.") from error
    values = [document.get(key) if isinstance(document, dict) else None for key in CONFIG_KEYS]
    texts = [value for value in values if isinstance(value, str) and value]
    if len(texts) != len(CONFIG_KEYS):
        raise InvalidDirectory(f"{CONFIG_NAME} needs {', '.join(CONFIG_KEYS)}.")
    architecture, task_type, backend = texts
    backend = BACKENDS_BY_OTHER_NAMES.get(backend, backend)
    if backend not in BACKENDS:
        raise InvalidDirectory(f"{CONFIG_NAME} names the backend `{backend[:80]}`; there are {', '.join(BACKENDS)}.")
    return Config(architecture, task_type, backend)


def require_kind(config: Config, model: Model) -> None:
    """Raises ModelMismatch unless ``config`` speaks of the kind of model that ``model`` is."""
    if (model.architecture, model.task_type) != (config.architecture, config.task_type):
        raise ModelMismatch(
            f"{model} is `{model.architecture}` for `{model.task_type}`, and {CONFIG_NAME} says "
            f"`{config.architecture}` for `{config.task_type}`. Mend the one that is wrong; "
            "a model can be corrected as long as nothing of it is published."
        )
