"""A loader for the model host that crashes on packages it is told of, as a damaged native library would, or hangs.

The host imports this module by name. The files GUILTY and HANGING in its working directory name the packages' ids.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Any

from backends.host.models.loading import PackageModel, prepare
from backends.host.models.loading import load as load_package
from backends.host.reference import PackageReference

__all__ = ["load", "prepare"]

GUILTY = "guilty.txt"
HANGING = "hanging.txt"


def load(reference: PackageReference, **options: Any) -> list[PackageModel]:
    """As the ordinary loader, unless the package is guilty, or hangs."""
    if _is_named_in(GUILTY, reference):
        ctypes.string_at(0)
    while _is_named_in(HANGING, reference):
        time.sleep(0.05)
    return load_package(reference, **options)


def _is_named_in(name: str, reference: PackageReference) -> bool:
    file = Path(name)
    return file.exists() and reference.package_id in file.read_text().split()
