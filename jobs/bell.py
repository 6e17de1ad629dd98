"""How processes of one machine tell its worker that there is a job: a byte through a named pipe.

The pipe carries nothing else. A worker that waits on it costs nothing, and whoever rings learns whether anybody
listens: the kernel knows, however a worker ended. Without the pipe, workers still look from time to time.
"""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

from django.conf import settings

_DRAINED_BYTES = 4096


def ring() -> bool:
    """Wake a worker of this machine; whether there is one."""
    try:
        pipe = os.open(_path(), os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        # No pipe, or nobody reads from it.
        return False
    try:
        # Full: it rings already.
        with contextlib.suppress(BlockingIOError):
            os.write(pipe, b".")
    finally:
        os.close(pipe)
    return True


def somebody_listens() -> bool:
    """Whether a worker runs on this machine."""
    try:
        os.close(os.open(_path(), os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


class Bell:
    """The worker's end. Several threads may wait on it: each ring wakes at least one."""

    def __init__(self) -> None:
        path = _path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Open for writing as well, so that it does not read as ended whenever a ringer has gone.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def wait(self, seconds: float) -> None:
        """Until it rings, or ``seconds`` have passed."""
        # One for each wait: threads cannot share it.
        ready = select.poll()
        ready.register(self._pipe, select.POLLIN)
        if ready.poll(1000 * seconds):
            with contextlib.suppress(BlockingIOError):
                os.read(self._pipe, _DRAINED_BYTES)

    def close(self) -> None:
        os.close(self._pipe)


def _path() -> Path:
    return Path(settings.DATA_DIR) / "jobs.bell"
