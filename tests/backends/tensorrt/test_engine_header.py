from __future__ import annotations

from pathlib import Path

import pytest

from backends.errors import PackageDamaged
from backends.tensorrt.engine_header import read_engine_header


def _write(directory: Path, content: bytes) -> Path:
    path = directory / "engine.plan"
    path.write_bytes(content)
    return path


def test_the_version_of_the_builder_is_read(tmp_path: Path) -> None:
    content = b"ftrt" + bytes(20) + bytes([10, 3, 0, 26]) + b"the engine"
    assert read_engine_header(_write(tmp_path, content)).version == (10, 3, 0, 26)


def test_another_serialisation_says_no_version(tmp_path: Path) -> None:
    assert read_engine_header(_write(tmp_path, b"ftrt\1" + bytes(60))).version is None


@pytest.mark.parametrize("content", [b"", b"ftrt", b"PK\x03\x04" + bytes(60), bytes(60)])
def test_it_rejects_what_is_no_engine(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(PackageDamaged):
        read_engine_header(_write(tmp_path, content))


def test_it_rejects_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        read_engine_header(tmp_path / "engine.plan")
