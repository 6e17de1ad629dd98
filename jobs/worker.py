"""The worker of an installation without a broker: a few threads of one process, which `manage.py serve` starts."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import multiprocessing.process
import os
import signal
import threading
import time
from collections.abc import Iterator

import structlog
from django.conf import settings
from django.db import close_old_connections, connections

from jobs.bell import Bell, ring
from jobs.services.recovering import recover
from jobs.services.running import claim_next, perform

logger = structlog.get_logger("weighbridge.jobs")
# Jobs of this machine are rung for. Those that another machine asked for, or that a dead worker left, wait so long.
POLL_SECONDS = 15.0
TROUBLE_SECONDS = 5.0
PARENT_SECONDS = 2.0
RESTART_SECONDS = 1.0
# Children are ended at once; what is not finished within this time is found as a dead worker's.
STOP_SECONDS = 20.0


class Worker:
    """Runs queued jobs until it is told to stop; then those that run go back into the queue."""

    def __init__(self, threads: int | None = None) -> None:
        self._stopping = threading.Event()
        self._bell = Bell()
        self._threads = [
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True)
            for number in range(threads or settings.JOBS_AT_ONCE)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            # One that waits drains all rings at once.
            while thread.is_alive() and time.monotonic() < deadline:
                ring()
                thread.join(0.1)
        self._bell.close()

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    close_old_connections()
                    recover()
                    job = claim_next()
                    if job is not None:
                        # There may be more, for the threads that still wait.
                        ring()
                        perform(job, stopping=self._stopping)
                        continue
                except Exception:
                    # A database that is away, say. Nobody else would hear of it.
                    logger.exception("the worker could not go on; it tries again")
                    self._stopping.wait(TROUBLE_SECONDS)
                    continue
                self._bell.wait(POLL_SECONDS)
        finally:
            connections.close_all()


def run_until_told(parent: int | None = None) -> None:
    """Be a worker until SIGTERM or SIGINT comes, or until the process ``parent`` is not this one's parent any more."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    worker = Worker()
    worker.start()
    while not told.wait(PARENT_SECONDS):
        if parent is not None and os.getppid() != parent:
            break
    worker.stop()


@contextlib.contextmanager
def beside() -> Iterator[None]:
    """A worker process beside this one, started anew if it dies; it ends with the context."""
    connections.close_all()
    process = _fork()
    stopping, guard = threading.Event(), threading.Lock()

    def watch() -> None:
        nonlocal process
        while True:
            process.join()
            if process.exitcode:
                logger.error("the worker of jobs died", status=process.exitcode)
            if stopping.wait(RESTART_SECONDS):
                return
            with guard:
                if not stopping.is_set():
                    process = _fork()

    # The only one that waits for the process: of two, one would not hear of its end.
    watcher = threading.Thread(target=watch, name="job-worker-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        with guard:
            stopping.set()
            process.terminate()
        watcher.join(STOP_SECONDS + PARENT_SECONDS)
        if watcher.is_alive():
            process.kill()
            watcher.join()


def _fork() -> multiprocessing.process.BaseProcess:
    """Forked, so that it shares its memory with this process: almost all of it is code."""
    process = multiprocessing.get_context("fork").Process(target=_child, args=(os.getpid(),), daemon=True)
    process.start()
    return process


def _child(parent: int) -> None:
    # Looking for garbage writes to every object, and would copy the memory that is shared.
    gc.freeze()
    run_until_told(parent)
