"""Runs images of several requests as one batch, where a batch is faster than its parts (on a GPU).

A thread (or two) a model collects prepared images: it takes the oldest, waits at most ``max_wait`` for others that fit
to it, and runs them together. Images whose request has expired are dropped before the run.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from backends.errors import DeadlineExceeded, ModelClosed
from backends.host.scheduling.fair_scheduler import WAITED_IN_VAIN


@dataclass(frozen=True, eq=False)
class _Item:
    prepared: Any
    deadline: float
    finish: Callable[[Any], None]


class Batcher:
    """The batches of one model. ``run`` gets prepared images with equal batch keys and answers in their order."""

    def __init__(
        self,
        run: Callable[[Sequence[Any]], Sequence[Any]],
        *,
        max_size: int,
        max_wait: float,
        workers: int = 1,
    ) -> None:
        self._run = run
        self._max_size = max_size
        self._max_wait = max_wait
        self._queue: deque[_Item] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"batcher-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, prepared: Any, deadline: float, finish: Callable[[Any], None]) -> None:
        """Run a prepared image; ``finish`` gets the raw answer, or the exception, in a thread of the batcher.

        It must not raise or take long. Raises ModelClosed. The queue is as long as
        the requests of the model that were admitted make it.
        """
        with self._changed:
            if self._closed:
                raise _closed()
            self._queue.append(_Item(prepared, deadline, finish))
            self._changed.notify_all()

    def close(self) -> None:
        """Answer what is queued with ModelClosed and end the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._closed:
            batch, expired = self._collect()
            for item in expired:
                item.finish(_closed() if self._closed else DeadlineExceeded(WAITED_IN_VAIN))
            if not batch:
                continue
            try:
                answers = self._run([item.prepared for item in batch])
            except BaseException as error:
                answers = [error] * len(batch)
            for item, answer in zip(batch, answers, strict=True):
                item.finish(answer)

    def _collect(self) -> tuple[list[_Item], list[_Item]]:
        """The next batch, and what was waited for too long; everything is the latter once the batcher is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            until = time.monotonic() + self._max_wait
            self._changed.wait_for(lambda: self._closed or self._fitting() >= self._max_size, until - time.monotonic())
            now = time.monotonic()
            expired = [item for item in self._queue if self._closed or item.deadline <= now]
            waiting = [item for item in self._queue if item not in expired]
            batch = [item for item in waiting if item.prepared.batch_key == waiting[0].prepared.batch_key]
            batch = batch[: self._max_size]
            self._queue = deque(item for item in waiting if item not in batch)
            return batch, expired

    def _fitting(self) -> int:
        key = self._queue[0].prepared.batch_key if self._queue else None
        return sum(item.prepared.batch_key == key for item in self._queue)


def _closed() -> ModelClosed:
    return ModelClosed("The model was unloaded before the request could run.")
