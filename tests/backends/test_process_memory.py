"""Measuring memory: what counts, and when it is given back."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np

from backends.memory import ProcessMeter, give_back

MEBIBYTE = 1024 * 1024
NEAR = 4 * MEBIBYTE


def test_memory_counts_once_it_is_touched_and_until_it_is_given_back() -> None:
    meter = ProcessMeter()
    give_back()
    before = meter.used()
    memory = np.empty(64 * MEBIBYTE, dtype=np.uint8)
    assert meter.used() - before < NEAR
    memory[:] = 1
    assert meter.used() - before > 60 * MEBIBYTE
    del memory
    give_back()
    assert meter.used() - before < NEAR


def test_small_pieces_are_given_back_too() -> None:
    meter = ProcessMeter()
    give_back()
    before = meter.used()
    # Small enough for the heap, where freed memory may stay resident.
    pieces = [np.ones(64 * 1024, dtype=np.uint8) for _ in range(512)]
    assert meter.used() - before > 30 * MEBIBYTE
    del pieces
    give_back()
    assert meter.used() - before < NEAR


def test_a_mapped_file_does_not_count_and_shared_memory_does(tmp_path: Path) -> None:
    meter = ProcessMeter()
    path = tmp_path / "weights"
    path.write_bytes(bytes(64 * MEBIBYTE))
    before = meter.used()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert sum(mapped[:: mmap.PAGESIZE]) == 0
        assert meter.used() - before < NEAR
    with mmap.mmap(-1, 64 * MEBIBYTE) as shared:
        shared[:: mmap.PAGESIZE] = b"x" * (64 * MEBIBYTE // mmap.PAGESIZE)
        assert meter.used() - before > 60 * MEBIBYTE
