"""The version of this software. It stands in pyproject.toml and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

_LINE = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)


def read_version(directory: Path) -> str:
    """The version in ``directory``/pyproject.toml. Raises LookupError where there is none."""
    # One line of the file, since every process reads it as it starts, and a parser of TOML takes longer to import.
    found = _LINE.search((directory / "pyproject.toml").read_text(encoding="utf-8"))
    if found is None:
        raise LookupError("pyproject.toml names no version.")
    return found[1]
