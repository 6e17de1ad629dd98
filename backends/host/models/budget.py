"""The memory budget of a host: what it is charged with, how room is made in it, and who watches it.

Room is made before a load, from what the same package took the last times or from a high guess, by closing the least
recently used models. What counts are measurements: after its load a model is charged with what it really holds, and
the process as a whole is looked at again and again.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from backends.errors import DeadlineExceeded, MemoryBudgetExceeded, OutOfMemory
from backends.host.models.cache import Entry, ModelCache
from backends.host.settings import MEBIBYTE, HostSettings
from backends.memory import give_back, meter_for, trim
from backends.package_reference import PackageReference

# For images being decoded and answers being made, of each request at work; part of the budget. Larger images ask first.
REQUEST_RESERVE = 24 * MEBIBYTE
# Seconds between two looks of the keeper; in between, at so many bytes a second, no more is filled than is left.
KEEPER_INTERVAL_SECONDS = 0.02
KEEPER_LONGEST_INTERVAL_SECONDS = 0.5
KEEPER_PATIENCE_SECONDS = 0.1
FILLING_RATE = 4 * 1024 * MEBIBYTE
# What is left of the budget when the keeper begins to act; less where the budget is small.
KEEPER_MARGIN = 32 * MEBIBYTE
WAIT_SECONDS = 0.1
NO_ROOM = "The package does not fit into the memory budget beside what is pinned or in use."


class MemoryBudget:
    """``size`` bytes for the models of a cache and the requests that use them, beside those of the empty host.

    Made while the host is empty. Thread-safe.
    """

    def __init__(self, settings: HostSettings, cache: ModelCache) -> None:
        give_back()
        self.meter = meter_for(settings.device)
        self.base_memory = self.meter.used()
        self.size = settings.memory_budget or self.meter.total() // 2
        self._is_cpu = settings.is_cpu
        self._patience = settings.run_limit
        self._cache = cache
        self._runtimes = 0
        self._least_reserve = min(settings.concurrency * REQUEST_RESERVE, self.size // 4) if settings.is_cpu else 0
        self._reserve = self._least_reserve
        self._working = 0
        threading.Thread(target=self._keep, name="budget-keeper", daemon=True).start()

    def used(self) -> int:
        """How much is taken: the larger of what is charged and what is measured."""
        return max(self._charges(), self._measured())

    def charge_runtime(self, size: int) -> None:
        """Count memory that no model will give back."""
        self._runtimes += size

    @contextlib.contextmanager
    def working_memory(self, size: int, deadline: float) -> Iterator[None]:
        """Have ``size`` bytes while a request works; small sizes come from a standing reserve.

        Idle models make room; otherwise the request waits for others to give back theirs. Raises OutOfMemory when
        there is not that much in the budget at all, DeadlineExceeded.
        """
        if size <= REQUEST_RESERVE or not self._is_cpu:
            yield
            return
        while not self._take_working(size):
            if time.monotonic() >= deadline:
                raise DeadlineExceeded("The deadline passed while the request waited for memory.")
        try:
            yield
        finally:
            with self._cache.changed:
                self._working -= size
                self._cache.changed.notify_all()

    def refuse_too_large(self, reference: PackageReference) -> None:
        """Raises MemoryBudgetExceeded for a package that would not fit if it were alone."""
        least = self._least(reference)
        if least > self.size:
            raise MemoryBudgetExceeded(self._too_large(least))

    @contextlib.contextmanager
    def measuring(self) -> Iterator[Callable[[], int]]:
        """For a block in which a model is loaded, and no other loaded or closed: what tells the memory it took so far.

        Some runtimes keep the working memory of a run, others take it anew each time: what is told is the most that was
        taken when anybody asked.
        """
        with self._cache.measuring:
            trim()
            before, most = self.meter.used(), 0

            def taken() -> int:
                nonlocal most
                most = max(most, self.meter.used() - before)
                return most

            yield taken

    def make_room(self, entry: Entry, guess: int | None) -> None:
        """Close models until the package should fit, and charge its entry with that.

        ``guess``: what a package may need that was never loaded here, if that is known. Raises MemoryBudgetExceeded.
        """
        known = self._cache.saved_state.size_of(entry.reference.key)
        wanted = min(known or guess or _first_guess(entry.reference.directory), self.size - self._reserve)
        if self.used() + wanted > self.size:
            # What is only free in the allocator's hands shall not cost a model its place.
            give_back()
        # A guess may be too high: with nothing left to close, try as long as the weights alone would fit.
        self._make_fit(entry, wanted, min(self._least(entry.reference), wanted))
        self._cache.charge(entry, wanted)

    def settle(self, entry: Entry, size: int) -> None:
        """Charge a loaded model with its measured size, and keep the budget if that is more than was thought.

        Raises MemoryBudgetExceeded.
        """
        self._cache.saved_state.learn(entry.reference.key, size)
        charge = self._cache.saved_state.size_of(entry.reference.key) or size
        self._cache.charge(entry, charge)
        if self.used() > self.size:
            give_back()
        if self.used() > self.size and charge > self.size - self._least_reserve:
            raise MemoryBudgetExceeded(self._too_large(charge))
        self._make_fit(entry, 0, 0)

    def _make_fit(self, entry: Entry, wanted: int, least: int) -> None:
        """Close others until there are ``wanted`` bytes; with nothing left to close, the charges need ``least``."""
        give_up = time.monotonic() + self._patience
        while self.used() + wanted > self.size:
            if self._cache.evict(entry) or self._forget_excess():
                continue
            if not self._wait_for_leavers(give_up):
                # If the charges fit, what is above the budget is only the allocator's own reserve.
                if self._charges() + least > self.size:
                    raise MemoryBudgetExceeded(NO_ROOM)
                return

    def _least(self, reference: PackageReference) -> int:
        """What the package takes at least."""
        return self._cache.saved_state.size_of(reference.key) or _weight_of(reference.directory)

    def _charges(self) -> int:
        return self._runtimes + self._reserve + self._working + self._cache.charges()

    def _measured(self) -> int:
        return self.meter.used() - self.base_memory

    def _take_working(self, size: int) -> bool:
        """Take the memory if it is there; otherwise make some room, or wait a moment."""
        with self._cache.changed:
            if self.used() + size <= self.size:
                self._working += size
                return True
        if self._cache.evict(only_idle=True):
            return False
        give_back()
        with self._cache.changed:
            if self._charges() + size <= self.size:
                # What is measured above the charges is only the allocator's own reserve.
                self._working += size
                return True
            if not self._working and not self._cache.any_leaving():
                raise OutOfMemory("The image needs more memory than this server has for it now.")
            self._cache.changed.wait(WAIT_SECONDS)
            return False

    def _forget_excess(self) -> bool:
        """With no model left to close, requests have only what is theirs by right; False if that is so already."""
        with self._cache.changed:
            excess = self._reserve > self._least_reserve
            self._reserve = self._least_reserve
            return excess

    def _wait_for_leavers(self, give_up: float) -> bool:
        """Wait a moment for a retired model to be closed by whoever holds it; False if there is none, or in vain."""
        with self._cache.changed:
            if not self._cache.any_leaving() or time.monotonic() > give_up:
                return False
            self._cache.changed.wait(WAIT_SECONDS)
            return True

    def _keep(self) -> None:
        """Look from time to time whether the measured memory comes too near to the budget, and make up for it."""
        limit = self.size - min(KEEPER_MARGIN, self.size // 16)
        left = 0
        while True:
            # Each look costs a running request more than it seems: it finds the caches cold, and leaves them so.
            time.sleep(min(max(KEEPER_INTERVAL_SECONDS, left / FILLING_RATE), KEEPER_LONGEST_INTERVAL_SECONDS))
            left = limit - self._measured()
            if left >= 0:
                continue
            give_back()
            excess = self._measured() - limit
            if excess <= 0:
                continue
            if self._charge_excess(excess) and self._cache.evict():
                continue
            # Nothing to be done but to wait; giving back costs the requests a little each time.
            time.sleep(KEEPER_PATIENCE_SECONDS)

    def _charge_excess(self, excess: int) -> bool:
        """Requests need more beside the models than was thought: keep that much for them from now on.

        Says whether the charges are above the budget with that. Not while a model leaves, or for one that is alone.
        """
        with self._cache.changed:
            if self._cache.any_leaving() or len(self._cache.loaded()) < 2:
                return False
            self._reserve = min(self._reserve + excess, self.size // 2)
            return self._charges() > self.size

    def _too_large(self, needed: int) -> str:
        return (
            f"The package needs about {-(-needed // MEBIBYTE)} MiB; "
            f"the memory budget of this host is {self.size // MEBIBYTE} MiB."
        )


def _weight_of(directory: Path) -> int:
    """The bytes of all files of a package."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def _first_guess(directory: Path) -> int:
    """What a package may need that was never loaded here: its weights, their copies, and working memory.

    Deliberately high: a guess that is too high evicts one model too many, once; a guess that is too low passes the
    budget. After the first load the measured size is used.
    """
    return 3 * _weight_of(directory) + 64 * MEBIBYTE
