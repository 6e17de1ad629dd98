"""What all requests of a process share: threads, places, and what is remembered of recent senders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from receiver.connections import Cutter
from receiver.expectations import ExpectedBody
from receiver.limits import Limits
from receiver.pace import now
from receiver.shares import Account

Result = TypeVar("Result")
Application = Callable[[dict[str, Any], Callable[..., Any]], Any]

REMEMBERED_SECONDS = 10.0
MOST_REMEMBERED = 4096
FILE_THREADS = 8
TURN_SECONDS = 0.02


@dataclass(frozen=True)
class Wanted:
    """What the application said when it was asked without the body: what it expects, and whether it knows who sends."""

    expected: ExpectedBody
    known: bool


class Resources:
    """Made once in a process; the threads are made on demand and end with it."""

    def __init__(self, application: Application, limits: Limits, is_known: Callable[[dict[str, Any]], bool]) -> None:
        self.application = application
        self.limits = limits
        self.is_known = is_known
        self.known, self.anonymous = Account(limits.known), Account(limits.anonymous)
        self.free_uploads, self.free_downloads = limits.uploads, limits.downloads
        self.uploads = ThreadPoolExecutor(limits.uploads, thread_name_prefix="upload")
        self.files = ThreadPoolExecutor(FILE_THREADS, thread_name_prefix="file")
        self._views = ThreadPoolExecutor(limits.threads, thread_name_prefix="view")
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="quick")
        self._turn = asyncio.Semaphore(1)
        self.cutter = Cutter()
        self._remembered: dict[int, tuple[Wanted, float]] = {}

    def threads_for(self, path: str) -> ThreadPoolExecutor:
        return self._quick if path in self.limits.quick_paths else self._views

    async def in_turn(self, threads: Executor, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do ``work`` of a download in a thread, by turns with that of all others.

        Many threads that want the interpreter at once keep it from the loop, and with it from everybody: two hundred
        downloads that began together held up other requests by half a second, and by turns hold them up by 15 ms
        (`bench.waiting`). Whoever waits for a disk or an object store loses its turn and not its thread.
        """
        async with self._turn:
            future = asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
            await asyncio.wait({future}, timeout=TURN_SECONDS)
        return await future

    def remember(self, sender: Hashable, wanted: Wanted) -> None:
        while len(self._remembered) >= MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        # By hash alone: addresses and tokens may be long, and what is remembered admits a body and nothing else.
        self._remembered.pop(hash(sender), None)
        self._remembered[hash(sender)] = wanted, now() + REMEMBERED_SECONDS

    def recall(self, sender: Hashable) -> Wanted | None:
        wanted, until = self._remembered.get(hash(sender), (None, 0.0))
        return wanted if now() < until else None
