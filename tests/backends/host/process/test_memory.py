"""Measuring memory: what is resident, what is held, and what is given back."""

from __future__ import annotations

import numpy as np

from backends.host.process.memory import MEBIBYTE, ProcessMeter, give_back

NEAR = 4 * MEBIBYTE


def test_what_is_allocated_is_held_until_it_is_freed() -> None:
    meter = ProcessMeter()
    before = meter.held()
    # Small enough for the heap, where freed memory may stay resident.
    pieces = [np.ones(64 * 1024, dtype=np.uint8) for _ in range(512)]
    assert abs(meter.held() - before - 32 * MEBIBYTE) < NEAR
    del pieces
    assert abs(meter.held() - before) < NEAR


def test_memory_that_is_allocated_and_not_touched_is_held_and_not_used() -> None:
    meter = ProcessMeter()
    held, used = meter.held(), meter.used()
    untouched = np.empty(256 * MEBIBYTE, dtype=np.uint8)
    assert meter.held() - held > 250 * MEBIBYTE
    assert meter.used() - used < NEAR
    del untouched


def test_the_peak_is_known_after_the_memory_has_gone() -> None:
    meter = ProcessMeter()
    give_back()
    meter.reset_peak()
    before = meter.used()
    touched = np.ones(64 * MEBIBYTE, dtype=np.uint8)
    del touched
    give_back()
    assert meter.peak() - before > 60 * MEBIBYTE
    assert meter.used() - before < NEAR
    meter.reset_peak()
    assert meter.peak() - before < NEAR
