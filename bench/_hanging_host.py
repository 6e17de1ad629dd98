"""The interpreter of a model host in which some packages never finish loading: `MODEL_HOST_PYTHON` of bench.waiting.

Called as a Python is, `-m module ...`; the environment variable HANGING names a file with the packages' ids.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

from backends.host.models.loading import PackageLoader
from backends.trial import attempt

MARKER = "hanging"
_prepared = PackageLoader.prepared
_prepare_package = attempt.prepare_package


def prepared(self: PackageLoader, reference: Any, memory: int) -> Any:
    """As the ordinary loader, but with a mark on the packages that are named: a child sees nothing else."""
    file, marker = Path(os.environ["HANGING"]), reference.directory / MARKER
    if file.exists() and reference.package_id in file.read_text().split():
        marker.touch()
    else:
        marker.unlink(missing_ok=True)
    return _prepared(self, reference, memory)


def prepare_package(directory: Path, *arguments: Any, **options: Any) -> bool:
    """In the child: for ever, where there is a mark."""
    while (directory / MARKER).exists():
        time.sleep(0.2)
    return _prepare_package(directory, *arguments, **options)


def main() -> None:
    PackageLoader.prepared = prepared
    attempt.prepare_package = prepare_package
    module, *arguments = sys.argv[sys.argv.index("-m") + 1 :]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
