from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backends.errors import PackageConfigInvalid, PackageDamaged
from backends.session import BatchPolicy
from backends.tensorrt.config import read_batch_policy


def _read(directory: Path, document: Any) -> BatchPolicy:
    (directory / "trt_config.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return read_batch_policy(directory)


def test_a_static_batch(tmp_path: Path) -> None:
    assert _read(tmp_path, {"static_batch_size": 4}) == BatchPolicy(4, 4)


def test_a_dynamic_batch(tmp_path: Path) -> None:
    document = {"dynamic_batch_size_min": 1, "dynamic_batch_size_opt": 8, "dynamic_batch_size_max": 16}
    assert _read(tmp_path, document) == BatchPolicy(1, 16)


@pytest.mark.parametrize(
    "document",
    [
        "{",
        [],
        {},
        {"static_batch_size": 0},
        {"static_batch_size": "4"},
        {"static_batch_size": True},
        {"dynamic_batch_size_min": 1, "dynamic_batch_size_max": 16},
        {"dynamic_batch_size_min": 9, "dynamic_batch_size_opt": 8, "dynamic_batch_size_max": 16},
        {"dynamic_batch_size_min": 1, "dynamic_batch_size_opt": 17, "dynamic_batch_size_max": 16},
    ],
)
def test_it_rejects_sizes_that_make_no_sense(tmp_path: Path, document: Any) -> None:
    with pytest.raises(PackageConfigInvalid):
        _read(tmp_path, document)


def test_it_rejects_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        read_batch_policy(tmp_path)
