"""What a restarted host knows of its predecessor: what was loaded, and how large packages are."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.host import PackageReference
from backends.host.models.saved_state import LOADS_KEPT, SavedState, Size


def test_a_package_that_was_never_loaded_has_no_size(tmp_path: Path) -> None:
    assert SavedState(tmp_path / "file").size_of("a") is None


def test_one_odd_measurement_does_not_decide(tmp_path: Path) -> None:
    residents = SavedState(tmp_path / "file")
    for loaded, loading in [(50, 60), (3, 8), (51, 59), (200, 230), (52, 61)]:
        residents.learn("a", Size(loaded, loading))
    assert residents.size_of("a") == Size(51, 60)


def test_old_measurements_are_forgotten(tmp_path: Path) -> None:
    residents = SavedState(tmp_path / "file")
    for size in (500, *(50 for _ in range(LOADS_KEPT))):
        residents.learn("a", Size(size, size))
    assert residents.size_of("a") == Size(50, 50)


def test_the_next_host_knows_what_this_one_learnt(tmp_path: Path) -> None:
    package = PackageReference("a", tmp_path, "fake", "object-detection", "fake")
    residents = SavedState(tmp_path / "file")
    residents.learn("a", Size(50, 60))
    residents.write([(package, True)])
    successor = SavedState(tmp_path / "file")
    assert successor.size_of("a") == Size(50, 60)
    assert successor.read() == [(package, True)]


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"sizes": {"a": 5}, "models": []}', '{"sizes": {}}'])
def test_a_damaged_file_counts_as_an_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_text(content)
    residents = SavedState(tmp_path / "file")
    assert residents.size_of("a") is None
    assert residents.read() == []
