"""What the host was doing can be read from outside, also after its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backends.host.process.activity import ROWS, Activity, ActivityLog, read_activity


def test_work_is_visible_while_it_lasts(tmp_path: Path) -> None:
    log = ActivityLog(tmp_path / "log")
    with log.working("running", "yolo/1", 30.0):
        snapshot = read_activity(tmp_path / "log")
    assert snapshot is not None
    assert [(work.package, work.phase, work.limit) for work in snapshot.work] == [("yolo/1", "running", 30.0)]
    assert snapshot.pid == os.getpid()


def test_finished_work_is_gone_even_after_an_error(tmp_path: Path) -> None:
    log = ActivityLog(tmp_path / "log")
    with pytest.raises(ValueError), log.working("loading", "a", 1.0):
        raise ValueError
    snapshot = read_activity(tmp_path / "log")
    assert snapshot is not None
    assert snapshot.work == ()


def test_it_can_be_read_after_a_sudden_end(tmp_path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from backends.host.process.activity import ActivityLog
log = ActivityLog(Path(sys.argv[1]))
with log.working("loading", "guilty", 5.0), log.working("running", "ärger", 5.0):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).resolve().parents[4]
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "log")], cwd=root, check=False)
    snapshot = read_activity(tmp_path / "log")
    assert snapshot is not None
    assert {work.package for work in snapshot.work} == {"guilty", "ärger"}


def test_work_without_a_free_row_goes_on_unrecorded(tmp_path: Path) -> None:
    log = ActivityLog(tmp_path / "log")
    blocks = [log.working("running", str(number), 1.0) for number in range(ROWS + 1)]
    for block in blocks:
        block.__enter__()
    snapshot = read_activity(tmp_path / "log")
    assert snapshot is not None
    assert len(snapshot.work) == ROWS
    for block in blocks:
        block.__exit__(None, None, None)


def test_work_is_overdue_after_its_limit() -> None:
    work = Activity("a", "running", time.monotonic(), 5.0)
    assert not work.overdue(work.started + 4.9)
    assert work.overdue(work.started + 5.1)


def test_the_header_tells_memory_and_budget(tmp_path: Path) -> None:
    ActivityLog(tmp_path / "log").announce(100, 2000)
    snapshot = read_activity(tmp_path / "log")
    assert snapshot is not None
    assert (snapshot.base_memory, snapshot.budget) == (100, 2000)


@pytest.mark.parametrize("content", [None, b"", b"x" * 100, b"\0" * 50_000])
def test_no_log_or_a_foreign_file_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "log").write_bytes(content)
    assert read_activity(tmp_path / "log") is None
