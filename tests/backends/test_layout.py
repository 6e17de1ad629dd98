from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from backends.layout import VERIFIED_FOR_SECONDS, Layout

DIGESTS = {"weights.onnx": "a" * 64, "folder/names.txt": "b" * 64}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = tmp_path / "package"
    for handle in DIGESTS:
        path = directory / handle
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes")
    return directory


def rewritten(path: Path) -> None:
    """The same number of bytes, and the time of the last change set back."""
    before = path.stat()
    path.write_bytes(b"BYTES")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchanged(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_bytes(b"bytes")
    os.replace(other, path)


def test_files_that_nobody_touched_are_unchanged(directory: Path) -> None:
    assert Layout.of(directory, DIGESTS).changed(directory) == []


@pytest.mark.parametrize("change", [rewritten, exchanged, Path.unlink, lambda path: os.truncate(path, 2)])
def test_any_change_of_a_file_is_seen(directory: Path, change: Callable[[Path], None]) -> None:
    layout = Layout.of(directory, DIGESTS)
    change(directory / "folder/names.txt")
    assert layout.changed(directory) == ["folder/names.txt"]


def test_what_was_written_down_is_read_again(directory: Path, tmp_path: Path) -> None:
    layout = Layout.of(directory, DIGESTS)
    layout.write(tmp_path / "marker")
    assert Layout.read(tmp_path / "marker") == layout
    assert layout.digests == DIGESTS


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"files": {"a": [1]}, "verified": 1}', b"\xff"])
def test_what_makes_no_sense_counts_as_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "marker").write_bytes(content)
    assert Layout.read(tmp_path / "marker") is None
    assert Layout.read(tmp_path / "none") is None


def test_it_grows_old(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout.of(directory, DIGESTS)
    assert not layout.is_old
    for later in (VERIFIED_FOR_SECONDS + 1, -10.0):
        monkeypatch.setattr("backends.layout._now", lambda later=later: layout.verified + later)
        assert layout.is_old
