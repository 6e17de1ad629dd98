"""The bell between processes of one machine."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

from jobs.bell import Bell, ring, somebody_listens

LISTENER = """
import sys, time
from pathlib import Path
from django.conf import settings
settings.configure(DATA_DIR=Path(sys.argv[1]))
from jobs.bell import Bell
bell = Bell()
print("here", flush=True)
time.sleep(60)
"""


def test_nobody_listens_where_there_is_no_worker() -> None:
    assert not ring()
    assert not somebody_listens()


def test_it_wakes_whoever_waits() -> None:
    bell = Bell()
    threading.Timer(0.2, ring).start()
    started = time.monotonic()
    bell.wait(30)
    assert time.monotonic() - started < 10
    bell.close()


def test_several_threads_wait_at_once_and_each_ring_wakes_one() -> None:
    bell = Bell()
    woken = threading.Semaphore(0)

    def wait() -> None:
        started = time.monotonic()
        bell.wait(30)
        if time.monotonic() - started < 20:
            woken.release()

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in threads:
        ring()
        assert woken.acquire(timeout=20)
        # Whoever was woken drains all rings: the next one must find a thread that waits.
    for thread in threads:
        thread.join()
    bell.close()


def test_what_rang_before_is_not_missed_and_rings_once() -> None:
    bell = Bell()
    for _ in range(100_000):
        assert ring()
    bell.wait(30)
    for _ in range(32):  # as often as a full pipe may need
        bell.wait(0)
    started = time.monotonic()
    bell.wait(0.2)
    assert time.monotonic() - started >= 0.2
    bell.close()


def test_only_the_server_s_own_user_may_ring(data_directories: Path) -> None:
    bell = Bell()
    (pipe,) = data_directories.glob("jobs.bell")
    mode = os.stat(pipe).st_mode
    assert stat.S_ISFIFO(mode)
    assert stat.S_IMODE(mode) == 0o600
    bell.close()


def test_a_worker_that_was_killed_listens_no_more(data_directories: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LISTENER, str(data_directories)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "here\n"
        assert somebody_listens()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert not somebody_listens()
