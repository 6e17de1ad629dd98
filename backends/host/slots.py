"""Who may use the CPU: a few slots, with a bounded queue for each model.

A request holds a slot while it decodes, prepares and (on a CPU) runs, so no more threads compete for the cores
than there are cores. Slots that become free go round the models, so that a busy model cannot starve another.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from backends.host.errors import DeadlineExceeded, HostBusy

# For this long after two requests met, a single one does not count as alone: it is a gap in a busy stream.
CROWD_MEMORY = 0.1


@dataclass
class _Waiter:
    wake: threading.Lock
    granted: bool = False


class Slots:
    """Slots for the whole host. Thread-safe."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[_Waiter]] = OrderedDict()
        self._last_crowd = 0.0

    @contextlib.contextmanager
    def hold(self, key: str, deadline: float) -> Iterator[bool]:
        """Hold one slot; yields whether the request is alone in the host, so that it may use all cores.

        ``deadline`` is a time of ``time.monotonic()``. Raises DeadlineExceeded when it passes in the queue.
        """
        alone = self._acquire(key, deadline)
        try:
            yield alone
        finally:
            self._release()

    def waiting(self) -> int:
        """How many requests wait for a slot."""
        with self._lock:
            return sum(len(queue) for queue in self._waiting.values())

    def busy(self) -> int:
        """How many slots are held."""
        with self._lock:
            return self.count - self._free

    def _acquire(self, key: str, deadline: float) -> bool:
        now = time.monotonic()
        if now >= deadline:
            raise DeadlineExceeded("The deadline passed before the request could run.")
        with self._lock:
            if self._free:
                self._free -= 1
                if self.count - self._free > 1:
                    self._last_crowd = now
                return now - self._last_crowd > CROWD_MEMORY or self.count == 1
            self._last_crowd = now
            waiter = _Waiter(threading.Lock())
            waiter.wake.acquire()
            self._waiting.setdefault(key, deque()).append(waiter)
        if waiter.wake.acquire(timeout=max(0.0, deadline - now)):
            return False
        with self._lock:
            if not waiter.granted:
                queue = self._waiting[key]
                queue.remove(waiter)
                if not queue:
                    del self._waiting[key]
                raise DeadlineExceeded("The deadline passed while the request waited for its turn.")
        # The slot arrived in the same moment: pass it on.
        self._release()
        raise DeadlineExceeded("The deadline passed while the request waited for its turn.")

    def _release(self) -> None:
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            key, queue = next(iter(self._waiting.items()))
            waiter = queue.popleft()
            # The model goes to the end of the round, or out of it.
            del self._waiting[key]
            if queue:
                self._waiting[key] = queue
            waiter.granted = True
            waiter.wake.release()


class Admission:
    """How many requests of one model may be inside, waiting or running. A full house answers at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._inside = 0
        self._lock = threading.Lock()
        # A moving average of how long a request takes, to say when it makes sense to come back.
        self._seconds = 0.05

    @property
    def inside(self) -> int:
        """Requests that wait or run now."""
        return self._inside

    @contextlib.contextmanager
    def enter(self) -> Iterator[None]:
        """Be one of the requests inside. Raises HostBusy when there are too many."""
        with self._lock:
            if self._inside >= self.limit:
                # Half of the queue will be gone after half of the time that the last one took.
                wait = min(max(self._seconds / 2, 0.1), 30.0)
                raise HostBusy("The queue of this model is full. Try again soon.", round(wait, 2))
            self._inside += 1
        started = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                self._seconds += 0.1 * (time.monotonic() - started - self._seconds)
