"""The soak's check: a healthy host is flat, and the same check catches a leak that was planted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from host_packages import write_package

from bench.soak import MEBIBYTE, Report, growth, is_flat, soak

SECONDS = 1.2


@pytest.fixture
def image() -> bytes:
    return cv2.imencode(".jpg", np.full((48, 96, 3), 90, dtype=np.uint8))[1].tobytes()


def run(folder: Path, image: bytes, leak: int) -> Report:
    packages = [write_package(folder, f"m{number}") for number in range(3)]
    return soak(
        packages, image, seconds=SECONDS, least=10, budget=(1024 if leak else 64) * MEBIBYTE, clients=2, leak=leak
    )


def test_a_healthy_host_is_flat_and_keeps_its_budget(tmp_path: Path, image: bytes) -> None:
    report = run(tmp_path, image, leak=0)
    assert is_flat(report.notes), report.notes
    assert report.most <= report.budget
    assert report.requests >= 120
    assert set(report.errors) <= {"image-truncated"}
    assert report.deaths == 0


def test_a_planted_leak_is_caught(tmp_path: Path, image: bytes) -> None:
    assert not is_flat(run(tmp_path, image, leak=MEBIBYTE // 4).notes)


@pytest.mark.parametrize(
    "notes, expected",
    [([50, 90, 100, 100, 100, 100], 0), ([0, 0, 100, 110, 120, 130], 20), ([9, 9, 100, 90, 80, 70], -20)],
)
def test_growth_leaves_the_warm_up_out(notes: list[int], expected: int) -> None:
    assert growth(notes) == expected
