"""What a trial leaves is used where it was made, and only as long as it is what it was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backends.trial import preparation
from backends.trial.preparation import Preparation

CONDITIONS = {"runtime": "Runtime 1.2", "processor": "x86_64-0", "device": "cpu", "settings": "packed"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    directory = tmp_path / "package"
    (directory / "folder").mkdir(parents=True)
    (directory / "weights.onnx").write_bytes(b"a network")
    (directory / "folder" / "names.txt").write_bytes(b"cat")
    return directory


@pytest.fixture
def made(tmp_path: Path) -> Path:
    directory = tmp_path / "made"
    directory.mkdir()
    (directory / "network.onnx").write_bytes(b"nodes")
    (directory / "network.weights").write_bytes(b"weights")
    return directory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "package.prepared"


def keep(made: Path, folder: Path, package: Path, **changes: Any) -> None:
    arguments = {"conditions": CONDITIONS, "working_bytes": 7, "most_bytes": 100, **changes}
    preparation.keep(made, folder, package, **arguments)


@pytest.fixture
def kept(made: Path, folder: Path, package: Path) -> Path:
    keep(made, folder, package)
    return folder


def test_it_is_found_where_it_was_kept(kept: Path, package: Path) -> None:
    found = preparation.find(kept, package, CONDITIONS)
    assert found is not None
    assert set(found.files.files) == {"network.onnx", "network.weights"}
    assert set(found.source.files) == {"weights.onnx", "folder/names.txt"}
    assert found.working_bytes == 7
    assert (kept / "network.weights").read_bytes() == b"weights"


@pytest.mark.parametrize("name", CONDITIONS)
def test_under_another_condition_it_is_not_found(kept: Path, package: Path, name: str) -> None:
    assert preparation.find(kept, package, {**CONDITIONS, name: "another"}) is None


def test_a_note_that_names_fewer_conditions_is_none(kept: Path, package: Path) -> None:
    note = json.loads((kept / "note.json").read_text())
    del note["conditions"]["processor"]
    (kept / "note.json").write_text(json.dumps(note))
    assert preparation.find(kept, package, CONDITIONS) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"conditions": {}, "source": 1, "files": 2}'])
def test_a_note_that_makes_no_sense_is_none(kept: Path, package: Path, content: bytes) -> None:
    (kept / "note.json").write_bytes(content)
    assert preparation.find(kept, package, CONDITIONS) is None


def _replaced(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: os.truncate(path, 3), id="cut short"),
        pytest.param(lambda path: _replaced(path, b"WEIGHTS"), id="others of the same length"),
        pytest.param(Path.unlink, id="gone"),
    ],
)
def test_damaged_files_are_not_found(kept: Path, package: Path, damage: Callable[[Path], None]) -> None:
    (kept / "network.weights").chmod(0o600)
    damage(kept / "network.weights")
    assert preparation.find(kept, package, CONDITIONS) is None
    assert not preparation.is_intact(kept)


def test_of_other_files_it_is_not_found(kept: Path, package: Path) -> None:
    (package / "weights.onnx").write_bytes(b"a NETWORK")
    assert preparation.find(kept, package, CONDITIONS) is None


@pytest.mark.parametrize("name", ["package", "package.prepared"])
def test_files_that_were_merely_touched_are_read_once_and_believed(
    kept: Path, package: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (tmp_path / name).glob("*.onnx"):
        os.utime(path, (1, 1))
    assert preparation.find(kept, package, CONDITIONS) is not None
    monkeypatch.setattr("backends.layout.has_digest", None)
    assert preparation.find(kept, package, CONDITIONS) is not None


def test_files_that_changed_without_a_trace_are_found_out_when_they_are_read(
    kept: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert preparation.is_intact(kept)
    monkeypatch.setattr("backends.layout.has_digest", lambda *_: False)
    assert preparation.find(kept, package, CONDITIONS) is not None
    assert not preparation.is_intact(kept)


def test_a_note_without_files_says_that_the_package_ran(made: Path, folder: Path, package: Path) -> None:
    for path in made.iterdir():
        path.unlink()
    keep(made, folder, package)
    found = preparation.find(folder, package, CONDITIONS)
    assert found is not None
    assert found.files.files == {}


def test_kept_files_are_inodes_that_nobody_has_open_for_writing(made: Path, folder: Path, package: Path) -> None:
    with (made / "network.weights").open("r+b") as still_open:
        keep(made, folder, package)
        still_open.truncate(0)
    assert (folder / "network.weights").read_bytes() == b"weights"
    assert (folder / "network.weights").stat().st_mode & 0o777 == 0o400


def test_a_newer_one_takes_the_place_of_an_older_and_leaves_nothing_else(
    kept: Path, made: Path, package: Path, tmp_path: Path
) -> None:
    with (kept / "network.weights").open("rb") as mapped:
        (made / "network.weights").write_bytes(b"newer")
        keep(made, kept, package)
        assert mapped.read() == b"weights"
    assert (kept / "network.weights").read_bytes() == b"newer"
    assert preparation.find(kept, package, CONDITIONS) is not None
    assert {path.name for path in tmp_path.iterdir()} == {"package", "package.prepared", "made"}


def _linked(made: Path) -> None:
    (made / "network.weights").unlink()
    (made / "network.weights").symlink_to("/etc/passwd")


def _piped(made: Path) -> None:
    (made / "network.weights").unlink()
    os.mkfifo(made / "network.weights")


def _crowded(made: Path) -> None:
    for number in range(9):
        (made / f"file{number}").write_bytes(b"")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(_linked, id="a link"),
        pytest.param(_piped, id="a pipe"),
        pytest.param(lambda made: (made / "folder").mkdir(), id="a folder"),
        pytest.param(lambda made: (made / "network.weights").write_bytes(bytes(101)), id="too large"),
        pytest.param(lambda made: (made / "wei ghts").write_bytes(b""), id="a strange name"),
        pytest.param(_crowded, id="too many"),
    ],
)
def test_what_a_child_in_other_hands_leaves_is_not_kept(
    made: Path, folder: Path, package: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(made)
    with pytest.raises((OSError, ValueError)):
        keep(made, folder, package)
    assert {path.name for path in tmp_path.iterdir()} == {"package", "made"}


def test_nothing_is_there_once_it_was_removed(kept: Path, package: Path) -> None:
    preparation.remove(kept)
    assert not kept.exists()
    assert Preparation.read(kept) is None
    preparation.remove(kept)
