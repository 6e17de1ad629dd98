"""Who may use the CPU: a few slots, with a bounded queue for each model.

A request holds a slot while it decodes, prepares and (on a CPU) runs, so no more threads compete for the cores
than there are cores. Slots that become free go round the models, so that a busy model cannot starve another.
"""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backends.host.errors import DeadlineExceeded, HostBusy

# For this long after two requests met, a single one does not count as alone: it is a gap in a busy stream. For as long
# after one had to wait the host counts as full.
CROWD_MEMORY = 0.1
# Requests no further apart than this are a stream.
STREAM_MEMORY = 0.5
WAITED_IN_VAIN = "The deadline passed while the request waited for its turn."

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Ticket:
    """A place in the queue: that of a thread, which waits for ``wake``, or that of work for whichever thread is free.

    ``wake`` is a lock that is held until then.
    """

    key: str
    wake: threading.Lock | None = None
    work: Callable[[bool], None] | None = None
    granted: bool = False


class FairScheduler:
    """Slots for the whole host. Thread-safe.

    A thread may hold a slot itself, and wait for one. Or it submits work, and where no slot is free the work is done
    later by a thread of the slots' own. Such a thread goes from work to work without ever sleeping while there is any:
    under load no request waits for a thread to be woken, and what one request left in the core's caches serves the
    next.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._last_crowd = self._last_queue = self._last_taken = -math.inf
        self._has_workers = False
        # Work that has a slot and no thread yet. There are never more of these than workers without work.
        self._handed: queue.SimpleQueue[Ticket] = queue.SimpleQueue()

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

    def submit(self, key: str, deadline: float, work: Callable[[bool], None]) -> Ticket | None:
        """Do ``work`` with a slot: now, in this thread, if one is free, or else later, in another.

        ``work`` gets whether it is alone in the host, and must not raise. Returns None when it is done, or else its
        place in the queue, from which ``withdraw`` takes it: nobody else looks at the deadline. Raises
        DeadlineExceeded when it has passed already.
        """
        now = _now_before(deadline)
        with self._lock:
            free, alone = self._take(now)
            if not free:
                return self._enqueue(Ticket(key, work=work))
        try:
            work(alone)
        finally:
            self._release()
        return None

    def withdraw(self, turn: Ticket) -> bool:
        """Take work out of the queue; False if it has begun, or is done."""
        with self._lock:
            if turn.granted:
                return False
            waiting = self._waiting[turn.key]
            waiting.remove(turn)
            if not waiting:
                del self._waiting[turn.key]
            turn.granted = True
            return True

    def waiting(self) -> int:
        """How many requests wait for a slot."""
        with self._lock:
            return sum(len(waiting) for waiting in self._waiting.values())

    def busy(self) -> int:
        """How many slots are held."""
        with self._lock:
            return self.count - self._free

    def leave_room(self) -> bool:
        """Whether requests come, but so few clients send them that none had to wait lately."""
        now = time.monotonic()
        return now - self._last_taken < STREAM_MEMORY and now - self._last_queue > CROWD_MEMORY

    def _take(self, now: float) -> tuple[bool, bool]:
        """Take a slot if one is free: whether it was, and whether the request is alone. The lock is held."""
        if not self._free:
            self._last_crowd = self._last_queue = now
            return False, False
        self._free -= 1
        self._last_taken = now
        if self.count - self._free > 1:
            self._last_crowd = now
        return True, now - self._last_crowd > CROWD_MEMORY or self.count == 1

    def _enqueue(self, turn: Ticket) -> Ticket:
        """The lock is held."""
        self._waiting.setdefault(turn.key, deque()).append(turn)
        if turn.work is not None and not self._has_workers:
            self._has_workers = True
            for number in range(self.count):
                threading.Thread(target=self._work_forever, name=f"worker-{number}", daemon=True).start()
        return turn

    def _acquire(self, key: str, deadline: float) -> bool:
        now = _now_before(deadline)
        with self._lock:
            free, alone = self._take(now)
            if free:
                return alone
            wake = threading.Lock()
            wake.acquire()
            turn = self._enqueue(Ticket(key, wake=wake))
        if wake.acquire(timeout=max(0.0, deadline - now)):
            return False
        if not self.withdraw(turn):
            # The slot arrived in the same moment: pass it on.
            self._release()
        raise DeadlineExceeded(WAITED_IN_VAIN)

    def _release(self) -> None:
        turn = self._pass_on()
        if turn is not None:
            self._handed.put(turn)

    def _pass_on(self) -> Ticket | None:
        """Give the slot to who is next. A thread is woken; work is returned, and somebody has to do it."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return None
            key, waiting = next(iter(self._waiting.items()))
            turn = waiting.popleft()
            # The model goes to the end of the round, or out of it.
            del self._waiting[key]
            if waiting:
                self._waiting[key] = waiting
            turn.granted = True
            if turn.wake is None:
                return turn
            turn.wake.release()
            return None

    def _work_forever(self) -> None:
        while True:
            turn: Ticket | None = self._handed.get()
            while turn is not None:
                assert turn.work is not None
                try:
                    turn.work(False)
                except Exception:
                    log.exception("work ended by a fault")
                turn = self._pass_on()


def _now_before(deadline: float) -> float:
    """The time now. Raises DeadlineExceeded when the deadline has passed."""
    now = time.monotonic()
    if now >= deadline:
        raise DeadlineExceeded("The deadline passed before the request could run.")
    return now


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


class HeavyImages:
    """Who decodes a heavy picture, in a process of its own: a few at once, and a few that wait.

    They hold no slot meanwhile, so that ordinary requests pass them.
    """

    def __init__(self, places: int) -> None:
        self._most = 3 * places
        self._places = threading.Semaphore(places)
        self._inside = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def enter(self, deadline: float) -> Iterator[None]:
        """Have a place, at the latest by ``deadline``. Raises HostBusy when many wait already, DeadlineExceeded."""
        with self._lock:
            if self._inside >= self._most:
                raise HostBusy("Many large pictures wait to be decoded. Try again soon, or send smaller ones.")
            self._inside += 1
        try:
            if not self._places.acquire(timeout=max(0.0, deadline - time.monotonic())):
                raise DeadlineExceeded(WAITED_IN_VAIN)
            try:
                yield
            finally:
                self._places.release()
        finally:
            with self._lock:
                self._inside -= 1
