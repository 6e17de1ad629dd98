"""The priority of threads. On Linux it belongs to a thread; new threads inherit that of their maker."""

from __future__ import annotations

import contextlib
import os
import threading

# By how much nicer than the host its loads are.
LOAD_NICENESS = 10
LEAST_PRIORITY = 19
LOADER_NAME = "loader-"


def lower_own_priority() -> None:
    """Let this thread, which loads models, give way to those that run them."""
    with contextlib.suppress(OSError, AttributeError):
        niceness = min(_usual_niceness() + LOAD_NICENESS, LEAST_PRIORITY)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def restore_priority_of_others() -> None:
    """Threads that a runtime started for its runs shall not have the low priority of the load that started them.

    Only a privileged process may do this; without, those threads are merely polite while the machine is busy.
    """
    usual = _usual_niceness()
    loaders = {thread.native_id for thread in threading.enumerate() if thread.name.startswith(LOADER_NAME)}
    with contextlib.suppress(OSError, AttributeError):
        for name in os.listdir("/proc/self/task"):
            thread = int(name)
            if thread not in loaders:
                with contextlib.suppress(ProcessLookupError):
                    if os.getpriority(os.PRIO_PROCESS, thread) > usual:
                        os.setpriority(os.PRIO_PROCESS, thread, usual)


def _usual_niceness() -> int:
    """That of the main thread, which nobody changes."""
    return os.getpriority(os.PRIO_PROCESS, os.getpid())
