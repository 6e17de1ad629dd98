from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.secret_key import read_or_create_secret_key


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    key = read_or_create_secret_key(directory)
    assert len(key) >= 48
    assert read_or_create_secret_key(directory) == key
    assert stat.S_IMODE((directory / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in directory.iterdir()] == ["secret_key"]


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    assert read_or_create_secret_key(tmp_path / "one") != read_or_create_secret_key(tmp_path / "two")


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read_or_create_secret_key(tmp_path / "data"), range(16)))
    assert len(keys) == 1
