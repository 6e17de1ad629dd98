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

from backends.host.models import loading

_load = loading.load


def load(reference: Any, **options: Any) -> Any:
    """As the ordinary loader, but for ever where the package is named."""
    file = Path(os.environ["HANGING"])
    while file.exists() and reference.package_id in file.read_text().split():
        time.sleep(0.2)
    return _load(reference, **options)


def main() -> None:
    loading.load = load
    module, *arguments = sys.argv[sys.argv.index("-m") + 1 :]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
