"""A loader for the model host that crashes on packages it is told of, as a damaged native library would.

The host imports this module by name. Files in its working directory name the packages' ids: those in GUILTY crash the
host, while they are opened; those in HANGING, CRASHING and GROWING do so to the child that prepares them.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Any

from backends.host.models.loading import PackageLoader
from backends.host.models.preparing import PreparedPackage
from backends.host.settings import HostSettings
from backends.model import LoadedModel
from backends.package_reference import PackageReference
from backends.trial import attempt

GUILTY = "guilty.txt"
HANGING, CRASHING, GROWING = "hanging.txt", "crashing.txt", "growing.txt"


class Loader(PackageLoader):
    """The ordinary loader, unless the package is named somewhere."""

    def __init__(self, settings: HostSettings) -> None:
        ordinary = attempt.prepare_package

        def prepare(directory: Path, *arguments: Any, **options: Any) -> bool:
            kept = []
            while (directory / HANGING).exists():
                time.sleep(0.05)
            while (directory / GROWING).exists():
                kept.append(bytearray(b"x" * 2**26))
            if (directory / CRASHING).exists():
                ctypes.string_at(0)
            return ordinary(directory, *arguments, **options)

        attempt.prepare_package = prepare
        super().__init__(settings)

    def prepared(self, reference: PackageReference, memory: int) -> Any:
        # A child sees nothing but the package's own folder.
        for name in (HANGING, CRASHING, GROWING):
            if _is_named_in(name, reference):
                (reference.directory / name).touch()
            else:
                (reference.directory / name).unlink(missing_ok=True)
        return super().prepared(reference, memory)

    def open(self, reference: PackageReference, prepared: PreparedPackage, *, threads: int) -> LoadedModel:
        if _is_named_in(GUILTY, reference):
            ctypes.string_at(0)
        return super().open(reference, prepared, threads=threads)


def _is_named_in(name: str, reference: PackageReference) -> bool:
    file = Path(name)
    return file.exists() and reference.package_id in file.read_text().split()
