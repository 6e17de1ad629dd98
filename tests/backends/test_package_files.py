from __future__ import annotations

from pathlib import Path

import pytest

from backends.errors import PackageConfigInvalid, PackageDamaged
from backends.package_files import read_class_names, require_files


def test_names_are_lines_without_blanks(tmp_path: Path) -> None:
    (tmp_path / "class_names.txt").write_bytes("  cat \r\n\r\ndog\x85x\n\nKatze mit Hut".encode())
    assert read_class_names(tmp_path) == ("cat", "dog\x85x", "Katze mit Hut")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe"])
def test_it_rejects_files_without_names(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "class_names.txt").write_bytes(content)
    with pytest.raises(PackageConfigInvalid):
        read_class_names(tmp_path)


def test_it_names_the_missing_file(tmp_path: Path) -> None:
    (tmp_path / "here.txt").touch()
    with pytest.raises(PackageDamaged, match=r"gone\.txt"):
        require_files(tmp_path, ["here.txt", "gone.txt"])


def test_it_says_when_there_are_no_class_names(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        read_class_names(tmp_path)
