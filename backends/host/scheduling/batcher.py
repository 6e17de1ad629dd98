"""Runs pictures of several requests as one batch, where a batch is faster than its parts (on a GPU).

A thread (or two) a model collects prepared pictures: it takes the oldest, waits at most ``max_wait`` for others that
fit to it, and runs them together. Pictures whose request has expired are dropped before the run.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from backends.errors import ModelClosed
from backends.host.errors import DeadlineExceeded, HostBusy


@dataclass(eq=False)
class _Item:
    prepared: Any
    key: Hashable
    deadline: float
    done: threading.Event = field(default_factory=threading.Event)
    raw: Any = None
    error: BaseException | None = None


class Batcher:
    """The batches of one model. ``run`` gets prepared pictures with equal keys and answers in their order."""

    def __init__(
        self,
        run: Callable[[Sequence[Any]], Sequence[Any]],
        *,
        max_size: int,
        max_wait: float,
        queue_limit: int,
        workers: int = 1,
    ) -> None:
        self._run = run
        self._max_size = max_size
        self._max_wait = max_wait
        self._queue_limit = queue_limit
        self._queue: deque[_Item] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"batcher-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, pictures: Sequence[tuple[Any, Hashable]], deadline: float) -> list[Any]:
        """Raw answers for prepared pictures (each with its batch key); waits for them.

        Raises HostBusy when the queue has no room for all of them, DeadlineExceeded, and whatever the run raised.
        """
        items = [_Item(prepared, key, deadline) for prepared, key in pictures]
        with self._changed:
            if self._closed:
                raise ModelClosed("The model was unloaded before the request could run.")
            if len(self._queue) + len(items) > max(self._queue_limit, len(items)):
                raise HostBusy("The queue of this model is full. Try again soon.")
            self._queue.extend(items)
            self._changed.notify_all()
        for item in items:
            if not item.done.wait(max(0.0, deadline - time.monotonic())):
                raise DeadlineExceeded("The deadline passed before the network had run.")
            if item.error is not None:
                raise item.error
        return [item.raw for item in items]

    def close(self) -> None:
        """Answer what is queued with ModelClosed and end the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while batch := self._collect():
            try:
                answers = self._run([item.prepared for item in batch])
                for item, raw in zip(batch, answers, strict=True):
                    item.raw = raw
            except BaseException as error:
                for item in batch:
                    item.error = error
            for item in batch:
                item.done.set()

    def _collect(self) -> list[_Item]:
        """The next batch; an empty list when the batcher is closed."""
        with self._changed:
            while True:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if self._closed:
                    for item in self._queue:
                        item.error = ModelClosed("The model was unloaded before the request could run.")
                        item.done.set()
                    self._queue.clear()
                    return []
                until = time.monotonic() + self._max_wait
                while self._fitting() < self._max_size and not self._closed:
                    left = until - time.monotonic()
                    if left <= 0:
                        break
                    self._changed.wait(left)
                batch = self._take()
                if batch:
                    return batch

    def _fitting(self) -> int:
        key = self._queue[0].key if self._queue else None
        return sum(1 for item in self._queue if item.key == key)

    def _take(self) -> list[_Item]:
        now = time.monotonic()
        batch: list[_Item] = []
        rest: deque[_Item] = deque()
        for item in self._queue:
            if item.deadline <= now:
                item.error = DeadlineExceeded("The deadline passed while the request waited for its turn.")
                item.done.set()
            elif len(batch) < self._max_size and (not batch or item.key == batch[0].key):
                batch.append(item)
            else:
                rest.append(item)
        self._queue = rest
        return batch
