"""Model families, a folder each, found by being here. Each has ``IMPLEMENTATIONS``: what it runs, on which backends."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backends.families.implementation import Implementation


@cache
def implementations() -> tuple[Implementation, ...]:
    """The rows of all families, whether or not the runtimes are installed on this machine."""
    folders = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    return tuple(row for name in folders for row in import_module(f"{__name__}.{name}").IMPLEMENTATIONS)
