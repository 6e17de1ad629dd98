"""These tests are of pure functions: they need none of the directories and tables that others get."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def data_directories() -> None:
    """In place of the fixture of the same name that makes directories for every test."""
