"""A loader for the model host that crashes on packages it is told of, as a damaged native library would.

The host imports this module by name. It reads the package ids from the file GUILTY in its working directory.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from backends.host.loading import PackageModel, prepare
from backends.host.loading import load as load_package
from backends.host.reference import PackageReference

__all__ = ["load", "prepare"]

GUILTY = "guilty.txt"


def load(reference: PackageReference, **options: Any) -> list[PackageModel]:
    """As the ordinary loader, unless the package is guilty."""
    guilty = Path(GUILTY)
    if guilty.exists() and reference.package_id in guilty.read_text().split():
        ctypes.string_at(0)
    return load_package(reference, **options)
