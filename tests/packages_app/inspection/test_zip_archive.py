"""Zip archives in which every reader finds the same. All contents are harmless."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from packages_app.inspection.torch_file import inspect_torch
from packages_app.inspection.zip_archive import ArchiveProblem, ZipArchive
from tests.packages_app.inspection.checkpoints import write_checkpoint

ANYTHING = b"something else"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path / "weights.pth", [("float32", 4)])


def end_of_members(content: bytes) -> int:
    """Where the directory begins, as the record at the end says."""
    return int(struct.unpack("<I", content[-6:-2])[0])


def with_directory_moved(content: bytes, by: int) -> bytes:
    return content[:-6] + struct.pack("<I", end_of_members(content) + by) + content[-2:]


def problem_of(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(ArchiveProblem) as raised:
        ZipArchive(path)
    (sentence,) = inspect_torch(path).problems
    assert sentence.startswith("The Torch file")
    return str(raised.value)


def test_it_reads_members_stored_and_deflated(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a", b"stored")
        file.writestr("b", b"deflated" * 100, compress_type=zipfile.ZIP_DEFLATED)
    archive = ZipArchive(path)
    assert [archive.read(member, 1000) for member in archive.members] == [b"stored", b"deflated" * 100]


def test_it_reads_what_was_written_without_going_back(tmp_path: Path) -> None:
    """Such writers put the sizes behind each member."""

    class Pipe:
        def __init__(self, file: object) -> None:
            self.write, self.flush = file.write, file.flush  # type: ignore[attr-defined]

    with (tmp_path / "a.zip").open("wb") as target, zipfile.ZipFile(Pipe(target), "w") as file:  # type: ignore[arg-type]
        file.writestr("a", b"content")
        with file.open("b", "w", force_zip64=True) as member:
            member.write(b"more")
    archive = ZipArchive(tmp_path / "a.zip")
    assert [archive.read(member, 1000) for member in archive.members] == [b"content", b"more"]


def test_it_unpacks_no_more_than_it_may(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", bytes(10_000))
    archive = ZipArchive(path)
    assert archive.read(archive.members[0], 9_999) is None
    assert archive.read(archive.members[0], 10_000) == bytes(10_000)


def test_it_refuses_something_before_the_first_member(archive: Path) -> None:
    """Readers that begin at the end find the archive all the same; PyTorch would unpickle what comes before."""
    content = ANYTHING + archive.read_bytes()
    assert zipfile.is_zipfile(archive)
    assert "does not begin" in problem_of(archive, content)


def test_it_refuses_something_before_the_first_member_that_the_directory_knows_of(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(ANYTHING)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("a/data.pkl", b"\x80\x02}.")
    assert "does not begin" in problem_of(path, path.read_bytes())


def test_it_refuses_something_between_members_and_directory(archive: Path) -> None:
    content = archive.read_bytes()
    end = end_of_members(content)
    moved = with_directory_moved(content[:end] + ANYTHING + content[end:], len(ANYTHING))
    assert "between" in problem_of(archive, moved)


def test_it_refuses_a_member_that_the_directory_does_not_know(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("archive/last", b"")
    content = archive.read_bytes()
    directory = content[end_of_members(content) :]
    name = b"archive/version"
    start = directory.index(name) - 46
    shorter = directory[:start] + directory[start + 46 + len(name) :]
    size = len(shorter) - 22
    count = struct.unpack("<H", shorter[-14:-12])[0] - 1
    end = shorter[-22:-14] + struct.pack("<HHI", count, count, size) + shorter[-6:]
    assert "between" in problem_of(archive, content[: end_of_members(content)] + shorter[:-22] + end)


@pytest.mark.parametrize("behind", [ANYTHING, b"\0"])
def test_it_refuses_something_behind_the_end(archive: Path, behind: bytes) -> None:
    assert "behind" in problem_of(archive, archive.read_bytes() + behind)


def test_it_refuses_a_comment_which_could_hold_another_end(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as file:
        file.comment = ANYTHING
    assert "behind" in problem_of(archive, archive.read_bytes())


def test_it_refuses_names_that_differ_between_member_and_directory(archive: Path) -> None:
    content = archive.read_bytes()
    first = content.index(b"archive/version")
    other = content[:first] + b"archive/another" + content[first + 15 :]
    assert "disagree" in problem_of(archive, other)


def test_it_refuses_members_that_share_their_bytes(archive: Path) -> None:
    content = archive.read_bytes()
    directory = end_of_members(content)
    second = content.index(b"PK\x01\x02", directory + 4)
    twice = content[: second + 42] + struct.pack("<I", 0) + content[second + 46 :]
    assert problem_of(archive, twice)


@pytest.mark.parametrize("kept", [0, 3, 4, 21, 22, 100, -1, -30])
def test_it_refuses_what_is_cut_off(archive: Path, kept: int) -> None:
    assert problem_of(archive, archive.read_bytes()[:kept])


def test_it_refuses_damage_anywhere_in_its_own_records_without_raising_anything_else(archive: Path) -> None:
    content = archive.read_bytes()
    for position in range(len(content)):
        archive.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        inspect_torch(archive)
