"""Who may use the CPU: no more work at once than there are cores, the models in turn, and who waits within bounds.

Work is done in the thread that brings it while there is room, and otherwise waits in a queue for its model. The
scheduler's own threads go from work to work without ever sleeping while there is any: under load no request waits for a
thread to be woken, and what one request left in the core's caches serves the next.
"""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backends.errors import DeadlineExceeded, HostBusy

# For so long after two requests met, a single one does not count as alone: it is a gap in a busy stream.
CROWD_MEMORY_SECONDS = 0.1
WAITED_IN_VAIN = "The deadline passed while the request waited for its turn."

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Ticket:
    """A place in the queue of a model. ``work`` gets whether it is alone in the host, and must not raise."""

    key: str
    work: Callable[[bool], None]
    begun: bool = False


class FairScheduler:
    """Does at most ``concurrency`` pieces of work at once. Thread-safe."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self._free = concurrency
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._last_crowd = -math.inf
        # Work that may begin and has no thread yet. There is never more of it than idle threads.
        self._granted: queue.SimpleQueue[Ticket] = queue.SimpleQueue()
        for number in range(concurrency):
            threading.Thread(target=self._work_forever, name=f"worker-{number}", daemon=True).start()

    def submit(self, key: str, deadline: float, work: Callable[[bool], None], *, here: bool = True) -> Ticket:
        """Do ``work`` for the model ``key``: now, in this thread, if there is room, or else later, in another.

        ``here``: whether this thread may do it. ``deadline`` is a time of ``time.monotonic()``: DeadlineExceeded is
        raised if it has passed already; nobody looks at it later. The ticket can be withdrawn until its turn comes.
        """
        now = time.monotonic()
        if now >= deadline:
            raise DeadlineExceeded("The deadline passed before the request could run.")
        ticket = Ticket(key, work)
        with self._lock:
            if not self._free:
                self._last_crowd = now
                self._waiting.setdefault(key, deque()).append(ticket)
                return ticket
            self._free -= 1
            ticket.begun = True
            if not here or self.concurrency - self._free > 1:
                self._last_crowd = now
            alone = now - self._last_crowd > CROWD_MEMORY_SECONDS or self.concurrency == 1
        if not here:
            self._granted.put(ticket)
            return ticket
        try:
            work(alone)
        finally:
            following = self._next()
            if following is not None:
                self._granted.put(following)
        return ticket

    def withdraw(self, ticket: Ticket) -> bool:
        """Take work out of the queue; False if it has begun, is done, or was withdrawn before."""
        with self._lock:
            if ticket.begun:
                return False
            ticket.begun = True
            waiting = self._waiting[ticket.key]
            waiting.remove(ticket)
            if not waiting:
                del self._waiting[ticket.key]
            return True

    def waiting(self) -> int:
        """How many pieces of work wait for their turn."""
        with self._lock:
            return sum(len(tickets) for tickets in self._waiting.values())

    def busy(self) -> int:
        """How many are in progress."""
        with self._lock:
            return self.concurrency - self._free

    def _next(self) -> Ticket | None:
        """What may begin in the place of what has ended; somebody has to do it."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return None
            key, tickets = self._waiting.popitem(last=False)
            ticket = tickets.popleft()
            ticket.begun = True
            if tickets:
                # The model goes to the end of the round.
                self._waiting[key] = tickets
            return ticket

    def _work_forever(self) -> None:
        while True:
            ticket: Ticket | None = self._granted.get()
            while ticket is not None:
                try:
                    ticket.work(False)
                except Exception:
                    log.exception("work ended by a fault")
                ticket = self._next()


class Admission:
    """The requests of one model, waiting or running. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside = 0
        self._lock = threading.Lock()
        # A moving average of how long a request takes, to say when it makes sense to come back.
        self._seconds = 0.05

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Be one of the requests inside. Raises HostBusy when there are too many."""
        with self._lock:
            if self._inside >= self._limit:
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
    """Threads that wait for images which are decoded in processes of their own: a few at once, and a few that wait.

    Meanwhile ordinary requests pass them.
    """

    def __init__(self, places: int) -> None:
        self._most = 3 * places
        self._executor = ThreadPoolExecutor(places, "heavy-image")
        self._inside = 0
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], None]) -> Future[Any]:
        """Do ``work``, which must not raise, as soon as there is a place. Raises HostBusy when many wait already."""
        with self._lock:
            if self._inside >= self._most:
                raise HostBusy("Many large images wait to be decoded. Try again soon, or send smaller ones.")
            self._inside += 1
        future = self._executor.submit(work)
        future.add_done_callback(self._leave)
        return future

    def _leave(self, _: Future[Any]) -> None:
        with self._lock:
            self._inside -= 1
