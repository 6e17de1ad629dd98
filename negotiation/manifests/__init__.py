"""The backends: one module each, found by being here.

``BACKENDS`` is the one table of them. Whoever wants to know what backends there are, what they are called, which fields
their packages have or what runs them reads it from there.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module

from negotiation.manifests.manifest import QUANTIZATIONS, Manifest

__all__ = ["BACKENDS", "BACKENDS_BY_OTHER_NAMES", "BACKENDS_BY_WIRE_TYPE", "QUANTIZATIONS", "Manifest"]


def _manifests() -> Iterator[type[Manifest]]:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Manifest) and "backend" in vars(value):
                yield value


BACKENDS: Mapping[str, type[Manifest]] = {
    manifest.backend: manifest for manifest in sorted(_manifests(), key=lambda manifest: manifest.title.lower())
}
"""By the name that requests use, in the order of their titles."""
BACKENDS_BY_WIRE_TYPE: Mapping[str, type[Manifest]] = {manifest.wire_type: manifest for manifest in BACKENDS.values()}
BACKENDS_BY_OTHER_NAMES: Mapping[str, str] = {
    name: manifest.backend for manifest in BACKENDS.values() for name in manifest.other_names
}
"""Names of backends by what else model_config.json may call them."""
