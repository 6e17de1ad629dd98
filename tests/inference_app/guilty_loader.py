"""A loader for the model host that crashes on packages it is told of, as a damaged native library would, or hangs.

The host imports this module by name. The files GUILTY and HANGING in its working directory name the packages' ids.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Any

from backends.host.models.hosted import PreparedPackage
from backends.host.models.loading import PackageLoader, PackageModel
from backends.host.reference import PackageReference

GUILTY = "guilty.txt"
HANGING = "hanging.txt"


class Loader(PackageLoader):
    """The ordinary loader, unless the package is guilty, or hangs."""

    def open(self, reference: PackageReference, prepared: PreparedPackage, **options: Any) -> list[PackageModel]:
        if _is_named_in(GUILTY, reference):
            ctypes.string_at(0)
        while _is_named_in(HANGING, reference):
            time.sleep(0.05)
        return super().open(reference, prepared, **options)


def _is_named_in(name: str, reference: PackageReference) -> bool:
    file = Path(name)
    return file.exists() and reference.package_id in file.read_text().split()
