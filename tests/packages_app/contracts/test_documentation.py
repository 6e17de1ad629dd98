"""The table of files in the documentation is that of the contracts."""

from __future__ import annotations

from pathlib import Path

import pytest

from packages_app.contracts.table import CONTRACTS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "packages.md").read_text()
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.count(" | ") == 3]


@pytest.mark.parametrize("key", CONTRACTS)
def test_a_row_names_the_files_that_the_client_needs(key: tuple[str, str, str]) -> None:
    architecture, task, backend = key
    (row,) = [row for row in ROWS if row[:2] == [f"`{backend}`", task] and architecture in row[2].split(", ")]
    wanted = [" or ".join(f"`{name}`" for name in names) for names in CONTRACTS[key].files]
    assert sorted(row[3].split(", ")) == sorted(wanted)
