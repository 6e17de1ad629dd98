"""What a restarted host knows of its predecessor: what was loaded, and how large packages are."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.host.models.saved_state import LOADS_KEPT, SavedState
from backends.package_reference import PackageReference


def test_a_package_that_was_never_loaded_has_no_size(tmp_path: Path) -> None:
    assert SavedState(tmp_path / "file").size_of("a") is None


def test_one_odd_measurement_does_not_decide(tmp_path: Path) -> None:
    state = SavedState(tmp_path / "file")
    for size in (50, 3, 51, 200, 52):
        state.learn("a", size)
    assert state.size_of("a") == 51


def test_old_measurements_are_forgotten(tmp_path: Path) -> None:
    state = SavedState(tmp_path / "file")
    for size in (500, *(50 for _ in range(LOADS_KEPT))):
        state.learn("a", size)
    assert state.size_of("a") == 50


def test_the_next_host_knows_what_this_one_learnt(tmp_path: Path) -> None:
    package = PackageReference("a", tmp_path, "fake", "object-detection", "fake")
    state = SavedState(tmp_path / "file")
    state.learn("a", 50)
    state.write([(package, True)])
    successor = SavedState(tmp_path / "file")
    assert successor.size_of("a") == 50
    assert successor.read() == [(package, True)]


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"sizes": {"a": 5}, "models": []}', '{"sizes": {}}'])
def test_a_damaged_file_counts_as_an_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_text(content)
    state = SavedState(tmp_path / "file")
    assert state.size_of("a") is None
    assert state.read() == []
