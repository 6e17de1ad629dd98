"""The priority of threads. On Linux it belongs to a thread; new threads inherit that of their maker.

Loads shall not slow down the requests that run meanwhile. But only native code may have a low priority: a thread that
waits for the processor while it holds the interpreter's lock makes everybody wait.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

# By how much nicer than the host its loads are.
LOAD_NICENESS = 15
LEAST_PRIORITY = 19


def lower_own_priority() -> None:
    """Let this thread give way to all others. Without privileges it cannot go back."""
    with contextlib.suppress(OSError, AttributeError):
        niceness = min(_usual_niceness() + LOAD_NICENESS, LEAST_PRIORITY)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def call_at_low_priority(function: Callable[[], Any]) -> Any:
    """Call a function that is native code for the most part, in a thread that gives way to all others."""
    with ThreadPoolExecutor(1, "native", initializer=lower_own_priority) as executor:
        return executor.submit(function).result()


def restore_priorities() -> None:
    """Threads that a runtime started for its runs shall not have the low priority of the load that started them.

    Only a privileged process may do this; without, those threads are merely polite while the machine is busy.
    """
    usual = _usual_niceness()
    with contextlib.suppress(OSError, AttributeError):
        for name in os.listdir("/proc/self/task"):
            thread = int(name)
            with contextlib.suppress(ProcessLookupError):
                if os.getpriority(os.PRIO_PROCESS, thread) > usual:
                    os.setpriority(os.PRIO_PROCESS, thread, usual)


def _usual_niceness() -> int:
    """That of the main thread, which nobody changes."""
    return os.getpriority(os.PRIO_PROCESS, os.getpid())
