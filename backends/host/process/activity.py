"""What the host is doing at this moment, in a shared file that outlives it.

The host writes into a memory-mapped file which package each of its threads is loading or running. When the
host dies, however suddenly, the kernel keeps what was written, and the supervisor reads who was at work. The
supervisor also reads it while the host lives, to find work that has passed its limit: a host that hangs
cannot be trusted to notice that itself. Times are CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backends.package_reference import MAX_IDENTIFIER_BYTES

ROWS = 256
# magic, process id, memory of the empty host and budget in bytes (both 0 until it is ready)
HEADER = struct.Struct("<8sqqq")
# phase, length of the name, start, limit (seconds it may take), package
ROW = struct.Struct(f"<BBdd{MAX_IDENTIFIER_BYTES}s")
MAGIC = b"WBJRNL02"
FREE = 0
PHASES = ("free", "decoding", "loading", "running")


@dataclass(frozen=True)
class Activity:
    """One thing in progress: ``package`` is empty while an image is decoded, before any package is involved."""

    package: str
    phase: str
    started: float
    limit: float

    def overdue(self, now: float) -> bool:
        """Whether it has taken longer than it may."""
        return now - self.started > self.limit


@dataclass(frozen=True)
class ActivitySnapshot:
    """The log at one moment."""

    pid: int
    base_memory: int
    budget: int
    work: tuple[Activity, ...]


class ActivityLog:
    """The host's side: mark work as begun and ended. Cheap enough for every request (two small writes)."""

    def __init__(self, path: Path) -> None:
        size = HEADER.size + ROWS * ROW.size
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        with open(temporary, "w+b") as file:
            file.truncate(size)
            self._map = mmap.mmap(file.fileno(), size)
        HEADER.pack_into(self._map, 0, MAGIC, os.getpid(), 0, 0)
        os.replace(temporary, path)
        self._free: deque[int] = deque(range(ROWS))

    def announce(self, base_memory: int, budget: int) -> None:
        """Record that the host is ready, how much memory it holds without any model, and how much more it may."""
        HEADER.pack_into(self._map, 0, MAGIC, os.getpid(), base_memory, budget)

    @contextlib.contextmanager
    def working(self, phase: str, package: str, limit: float) -> Iterator[None]:
        """Mark ``package`` as being in ``phase`` for the length of the block."""
        try:
            row = self._free.pop()
        except IndexError:
            # More threads than rows: the work goes on, only unrecorded.
            yield
            return
        offset = HEADER.size + row * ROW.size
        name = package.encode()[:MAX_IDENTIFIER_BYTES]
        ROW.pack_into(self._map, offset, FREE, len(name), time.monotonic(), limit, name)
        # The phase goes in last: a reader never sees a row in use with half a name.
        self._map[offset] = PHASES.index(phase)
        try:
            yield
        finally:
            self._map[offset] = FREE
            self._free.append(row)


def read_activity(path: Path) -> ActivitySnapshot | None:
    """What the file says, or None if there is none or it is not one."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if len(content) != HEADER.size + ROWS * ROW.size:
        return None
    magic, pid, base_memory, budget = HEADER.unpack_from(content)
    if magic != MAGIC:
        return None
    work = []
    for row in range(ROWS):
        phase, length, started, limit, name = ROW.unpack_from(content, HEADER.size + row * ROW.size)
        if phase != FREE and phase < len(PHASES):
            work.append(Activity(name[:length].decode(errors="replace"), PHASES[phase], started, limit))
    return ActivitySnapshot(pid, base_memory, budget, tuple(work))
