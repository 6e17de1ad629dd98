"""`manage.py` in processes of their own, with settings and a data directory of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_SECONDS = 100


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of such a process: nothing of the tests' own settings is left in it."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PUBLIC_URL", "PORT"}}
    return {**kept, "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "config.settings", **settings}


def manage(data_dir: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with ``arguments`` to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment(data_dir, **settings),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT_SECONDS,
    )
