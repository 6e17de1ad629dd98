"""Which cores the threads of one run use, where it takes all that there are.

A run on several cores spins between its operators, so it is as slow as its slowest thread. The kernel looks for an idle
core when it wakes a thread, but not where all of them seem busy; that a core is only lent to a thread that stands aside
(SCHED_IDLE) does not count. So beside a load two threads of a run would share one core, for a tick or for all of it.
Therefore the runtime's own threads leave the first core to the thread that asks for the run, and beside a load that
thread keeps to it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


def cores_of_run(threads: int) -> list[int]:
    """Numbers of the cores that a run with so many threads takes, in order, if those are all that this thread may use.

    Empty if some are left, for then the kernel finds a free one; also where there is only one, or the system does not
    tell.
    """
    try:
        cores = sorted(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return []
    return cores if 1 < len(cores) <= threads else []


@contextlib.contextmanager
def on_first_core(threads: int) -> Iterator[None]:
    """Keep this thread to the first core for a run with so many threads, if that takes all cores."""
    before = cores_of_run(threads)
    if not before:
        yield
        return
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, before[:1])
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, before)
