"""The libraries that run packages, by backend."""

from __future__ import annotations

import importlib

from negotiation.manifests import BACKENDS


def import_runtime(backend: str) -> str:
    """Import the library that runs such packages; its name and version, empty where it is not there."""
    library = BACKENDS[backend].library if backend in BACKENDS else None
    if library is None:
        return ""
    try:
        module = importlib.import_module(library.module)
    except ImportError:
        return ""
    return f"{library.title} {module.__version__}"
