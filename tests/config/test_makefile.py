"""`make` sets up the environment, and keeps it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands import ROOT

pytestmark = pytest.mark.timeout(300)


def set_up(clone: Path, python: str) -> subprocess.CompletedProcess[str]:
    """What `make serve PYTHON=...` does first."""
    command = ["make", ".venv/base.stamp", f"PYTHON={python}"]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=200)


def test_new_requirements_are_installed_with_the_python_that_the_environment_has(tmp_path: Path) -> None:
    clone = tmp_path / "a clone"
    (clone / "requirements").mkdir(parents=True)
    requirements = clone / "requirements" / "base.txt"
    requirements.write_text("")
    shutil.copy(ROOT / "Makefile", clone)

    refused = set_up(clone, "no-such-python")
    assert refused.returncode != 0
    assert "Python 3.11 to 3.13 is needed" in refused.stdout
    assert set_up(clone, sys.executable).returncode == 0

    # As after a `git pull`, called without the PYTHON of the first time.
    later = time.time() + 60
    os.utime(requirements, (later, later))
    again = set_up(clone, "no-such-python")
    assert again.returncode == 0, again.stderr

    # An environment that was made by half is made anew.
    shutil.rmtree(next((clone / ".venv" / "lib").glob("python3*/site-packages/pip")))
    os.utime(requirements, (later + 60, later + 60))
    mended = set_up(clone, sys.executable)
    assert mended.returncode == 0, mended.stderr
