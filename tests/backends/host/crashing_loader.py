"""The ordinary loader, of a host whose children crash on a package that has a file `crash`.

The host imports this module by name. No file is known that crashes the runtime of today.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from backends.host.models.loading import PackageLoader
from backends.host.settings import HostSettings
from backends.trial import attempt


class Loader(PackageLoader):
    """Its children crash where the ordinary ones prepare."""

    def __init__(self, settings: HostSettings) -> None:
        ordinary = attempt.prepare_package

        def prepare(directory: Path, *arguments: Any, **options: Any) -> bool:
            if (directory / "crash").exists():
                ctypes.string_at(0)
            return ordinary(directory, *arguments, **options)

        attempt.prepare_package = prepare
        super().__init__(settings)
