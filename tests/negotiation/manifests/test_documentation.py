"""What the documentation says of backends and their fields is read from the manifests."""

from __future__ import annotations

from pathlib import Path

import pytest

from negotiation.manifest_table import with_tables
from negotiation.manifests import BACKENDS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "packages.md"
AGAIN = "Run .venv/bin/python -m negotiation.manifest_table docs/packages.md"


def test_the_tables_are_those_of_the_manifests() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_tables(text) == text, AGAIN


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_field_has_a_meaning(backend: str) -> None:
    assert all(one.meaning for one in BACKENDS[backend].asked.values())
