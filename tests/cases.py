"""Small inputs that real use brought, kept outside the repository.

The folder comes from CASES_DIR, else ``../shared/cases`` beside the repository. Tests skip when it is not there.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
CASES = Path(os.environ.get("CASES_DIR") or REPOSITORY.parent / "shared" / "cases")


def case(name: str) -> Path:
    """The file or package directory of this name. Skips the test where the folder is missing."""
    if not (CASES / "README.md").is_file():
        pytest.skip("no cases: set CASES_DIR to their folder")
    path = CASES / name
    assert path.exists(), f"the cases have no {name}"
    return path
