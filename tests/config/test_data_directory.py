"""What is made in the data directory is closed to other users."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import data_directory
from tests.commands import manage


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def directory(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory that is not there yet."""
    monkeypatch.delenv("SECRET_KEY", raising=False)
    directory = tmp_path / "data"
    settings.DATA_DIR = directory
    for name, folder in {
        "BLOB_ROOT": "blobs", "STAGING_ROOT": "staging", "STATIC_ROOT": "static", "MODEL_HOST_DIR": "host",
        "MODEL_CACHE_DIR": "cache",
    }.items():  # fmt: skip
        setattr(settings, name, directory / folder)
    # The settings name another file, or the tests' own database where a test before this one has asked for it.
    monkeypatch.setattr(data_directory, "database_file", lambda: directory / "weighbridge.db")
    return directory


@pytest.mark.parametrize("mask", [0o022, 0o000, 0o177])
def test_directories_are_closed_whatever_the_mask(directory: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        data_directory.prepare()
    finally:
        os.umask(before)
    assert mode(directory) == 0o700
    assert {mode(folder) for folder in directory.iterdir() if folder.is_dir()} == {0o700}
    assert mode(directory / "secret_key") == 0o600


def test_whoever_delivers_files_may_read_them_by_its_group(directory: Path, settings: Any) -> None:
    settings.BLOB_DELIVERY = "accel"
    data_directory.prepare()
    assert mode(directory) == 0o710
    assert mode(directory / "blobs") == 0o750
    assert mode(directory / "staging") == 0o700


def test_a_directory_that_is_there_keeps_its_mode(directory: Path) -> None:
    directory.mkdir(mode=0o755)
    data_directory.prepare()
    assert mode(directory) == 0o755


def test_the_key_that_lies_there_is_used_from_then_on(directory: Path, settings: Any) -> None:
    data_directory.prepare()
    assert (directory / "secret_key").read_text() == settings.SECRET_KEY


def test_a_path_below_a_file_is_refused_in_words(directory: Path) -> None:
    directory.write_text("a file")
    with pytest.raises(ImproperlyConfigured, match="DATA_DIR cannot be used"):
        data_directory.prepare()


def test_the_files_of_the_database_are_closed(tmp_path: Path) -> None:
    assert manage(tmp_path / "data", "migrate", "-v0").returncode == 0
    assert {mode(path) for path in (tmp_path / "data").glob("weighbridge.db*")} == {0o600}
