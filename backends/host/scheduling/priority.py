"""The priority of threads. On Linux it belongs to a thread; new threads inherit that of their maker.

Loads shall not slow down the requests that run meanwhile. But only native code may have a low priority: a thread that
waits for the processor while it holds the interpreter's lock makes everybody wait.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

# By how much nicer than the host its loads are.
LOAD_NICENESS = 15
LEAST_PRIORITY = 19
# Seconds for which a load makes do with idle cores; from then on it has its small share of the busy ones too.
ASIDE_LIMIT = 3.0
ASIDE_INTERVAL = 0.05


class Background:
    """Does the native part of loads in threads that give way to requests.

    They are nicer than the host. Nice threads still get their share, some milliseconds at a time, which a request then
    takes longer; and a run on all cores is no faster than the slowest of its threads. So while ``requests_leave_room``
    says that cores are idle now and then, the threads stand aside altogether, and run only there (SCHED_IDLE, which
    also tells the kernel to wake others on their cores). With more clients there would be no idle core for them. Where
    a process cannot take that back it does not begin with it.

    The threads stay: the kernel gives each new one its first share at once, a whole tick long, whatever its priority.
    """

    def __init__(self, requests_leave_room: Callable[[], bool], calls: int) -> None:
        """``calls``: as many as may run at the same time."""
        self._requests_leave_room = requests_leave_room
        self._aside_until = 0.0
        self._executor = ThreadPoolExecutor(calls, "native", initializer=self._join)
        self._members: set[int] = set()

    @property
    def stands_aside(self) -> bool:
        """Whether the load that is in work leaves all cores to requests."""
        return time.monotonic() < self._aside_until

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """One load. The threads that a runtime began in it get the usual priority when it ends."""
        if self._requests_leave_room() and _can_come_back():
            self._aside_until = time.monotonic() + ASIDE_LIMIT
        try:
            yield
        finally:
            self._aside_until = 0.0
            restore_priorities(self._members)

    def call(self, function: Callable[[], Any]) -> Any:
        """Call a function that is native code for the most part; returns what it returns, raises what it raises."""
        return self.call_all([function])[0]

    def call_all(self, functions: Sequence[Callable[[], Any]]) -> list[Any]:
        """Call several at the same time."""
        aside = self.stands_aside
        calls = [self._executor.submit(self._give_way, function) for function in functions]
        # Again and again, for a runtime may start threads of its own meanwhile.
        while wait(calls, ASIDE_INTERVAL if aside else None).not_done:
            if not (self.stands_aside and self._requests_leave_room()):
                self._aside_until = 0.0
                _come_back()
        return [call.result() for call in calls]

    def _join(self) -> None:
        lower_own_priority()
        self._members.add(threading.get_native_id())

    def _give_way(self, function: Callable[[], Any]) -> Any:
        if self.stands_aside:
            with contextlib.suppress(OSError):
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        return function()


def lower_own_priority() -> None:
    """Let this thread give way to all others. Without privileges it cannot go back."""
    with contextlib.suppress(OSError, AttributeError):
        niceness = min(_usual_niceness() + LOAD_NICENESS, LEAST_PRIORITY)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def restore_priorities(nice: Collection[int] = ()) -> None:
    """Threads that a runtime started for its runs shall not have the low priority of the load that started them.

    Those in ``nice``, by their numbers in the kernel, keep their niceness. Only a privileged process may do this;
    without, those threads are merely polite while the machine is busy.
    """
    usual = _usual_niceness()
    _come_back()
    with contextlib.suppress(OSError, AttributeError):
        for thread in set(_threads()).difference(nice):
            with contextlib.suppress(ProcessLookupError):
                if os.getpriority(os.PRIO_PROCESS, thread) > usual:
                    os.setpriority(os.PRIO_PROCESS, thread, usual)


def _come_back() -> None:
    """Threads that stood aside are merely nice from now on."""
    with contextlib.suppress(OSError, AttributeError):
        for thread in _threads():
            with contextlib.suppress(ProcessLookupError):
                if os.sched_getscheduler(thread) == os.SCHED_IDLE:
                    os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


@functools.cache
def _can_come_back() -> bool:
    """Whether this process may make a thread stand aside and undo it: needs CAP_SYS_NICE or a limit (RLIMIT_NICE)."""

    def attempt() -> bool:
        lower_own_priority()
        try:
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        except (OSError, AttributeError):
            return False
        return True

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(attempt).result()


def _threads() -> list[int]:
    return [int(name) for name in os.listdir("/proc/self/task")]


def _usual_niceness() -> int:
    """That of the main thread, which nobody changes."""
    return os.getpriority(os.PRIO_PROCESS, os.getpid())
