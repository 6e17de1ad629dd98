"""Who loads now, and who is next: what hangs shall not hold up what would load at once.

A load has a place. One that takes longer than ``patience`` gives its place to the next and goes on beside it; one that
takes longer than ``limit`` is written off: nobody waits for it any more, and its thread, which cannot be ended, is
lost. A package never has more than one load at a time, whatever the options that it is asked for with.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from backends.host.models.cache import Entry

log = logging.getLogger(__name__)

# LoadQueue that are quick to end, at once.
PLACES = 2
# Those that have outlived the patience and not yet the limit, and the others.
MOST_LOADS = 8
# Threads that are lost before the host had better be started anew.
MOST_WRITTEN_OFF = 4


@dataclass(eq=False)
class Load:
    """One load: it has its place since ``started`` and is at work since ``began``, both times of ``time.monotonic()``.

    ``written_off`` once nobody waits for it any more.
    """

    entry: Entry
    started: float
    began: float = math.inf
    written_off: bool = False

    @property
    def package(self) -> str:
        """Whose load it is."""
        return self.entry.reference.package_id


class LoadQueue:
    """The loads of one host. Thread-safe.

    ``work`` is called with each load, in a thread of its own; it must not raise, and calls ``finish`` when the load is
    over. ``write_off`` is called with a load that outlived its limit, by the thread that watches them.
    """

    def __init__(
        self, *, patience: float, limit: float, work: Callable[[Load], None], write_off: Callable[[Load], None]
    ) -> None:
        self._patience = patience
        self._limit = limit
        self._work = work
        self._write_off = write_off
        self._changed = threading.Condition()
        self._waiting: deque[Entry] = deque()
        self._working: list[Load] = []
        self._lost = 0
        threading.Thread(target=self._watch, name="loads", daemon=True).start()

    def add(self, entry: Entry) -> None:
        """Load an entry as soon as there is a place for it."""
        with self._changed:
            self._waiting.append(entry)
            self._changed.notify_all()

    def begin(self, load: Load) -> None:
        """The load is at work from now on; until then it waited for others, which is no fault of its own."""
        with self._changed:
            load.began = time.monotonic()
            self._changed.notify_all()

    def finish(self, load: Load) -> bool:
        """The load is over, well or not; False if it was written off meanwhile."""
        with self._changed:
            if load.written_off:
                self._lost -= 1
                return False
            self._working.remove(load)
            self._changed.notify_all()
            return True

    @property
    def any_fresh(self) -> bool:
        """Whether a load is in work that has not outlived the patience."""
        latest = time.monotonic() - self._patience
        # Without the lock: every request asks.
        return any(load.started > latest for load in tuple(self._working))

    @property
    def lost(self) -> int:
        """How many threads are lost to loads that were written off and have not come back."""
        return self._lost

    def _watch(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                overdue = [load for load in self._working if now - load.began >= self._limit]
                for load in overdue:
                    load.written_off = True
                    self._working.remove(load)
                self._lost += len(overdue)
                if not overdue:
                    while (entry := self._next(now)) is not None:
                        self._start(Load(entry, now))
                    self._changed.wait(self._until_something_happens(now))
            for load in overdue:
                try:
                    self._write_off(load)
                except Exception:
                    log.exception("a load could not be written off")

    def _next(self, now: float) -> Entry | None:
        """The first that may begin: with a place, and without another load of its package. The lock is held."""
        fresh = sum(now - load.started < self._patience for load in self._working)
        if fresh >= PLACES or len(self._working) >= MOST_LOADS:
            return None
        busy = {load.package for load in self._working}
        for entry in self._waiting:
            if entry.reference.package_id not in busy:
                self._waiting.remove(entry)
                return entry
        return None

    def _start(self, load: Load) -> None:
        self._working.append(load)
        # A thread of its own: that of a load that hangs never comes back.
        threading.Thread(target=self._work, args=(load,), name=f"load-{load.package}"[:15], daemon=True).start()

    def _until_something_happens(self, now: float) -> float | None:
        """Seconds until a load outlives the patience or the limit; None if none can. The lock is held."""
        ends = [load.started + self._patience for load in self._working]
        ends += [load.began + self._limit for load in self._working if load.began < math.inf]
        return min((end - now for end in ends if end > now), default=None)
