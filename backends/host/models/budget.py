"""The memory budget of a host: what it is charged with, how room is made in it, and who watches it.

Room is made before a load, from what the same package took the last times or from a high guess, by closing the least
recently used models. What counts are measurements: after its load a model is charged with what it really holds, and
the process as a whole is looked at again and again.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from backends.errors import OutOfMemory
from backends.host.errors import DeadlineExceeded, MemoryBudgetExceeded
from backends.host.models.cache import Entry, ModelCache
from backends.host.models.saved_state import SavedState, Size
from backends.host.process.memory import MEBIBYTE, Meter, give_back, weight_of
from backends.host.reference import PackageReference
from backends.host.settings import HostSettings

# For pictures being decoded and answers being made, of each slot; part of the budget. Larger pictures ask first.
SLOT_RESERVE = 24 * MEBIBYTE
# Seconds between two looks of the keeper; in between, at so many bytes a second, no more is filled than is left.
KEEPER_INTERVAL = 0.02
KEEPER_LONGEST_INTERVAL = 0.5
FILLING_RATE = 4 * 1024 * MEBIBYTE
KEEPER_PATIENCE = 0.1
# What is left of the budget when the keeper begins to act; less where the budget is small.
KEEPER_MARGIN = 32 * MEBIBYTE
NO_ROOM = "The package does not fit into the memory budget beside what is pinned or in use."


class MemoryBudget:
    """``size`` bytes for the models of a shelf and the requests that use them. Thread-safe."""

    def __init__(
        self,
        size: int,
        settings: HostSettings,
        *,
        meter: Meter,
        base_memory: int,
        shelf: ModelCache,
        residents: SavedState,
    ) -> None:
        self.size = size
        self._settings = settings
        self._meter = meter
        self._base_memory = base_memory
        self._shelf = shelf
        self._residents = residents
        self._runtimes = 0
        self._least_reserve = min(settings.slots * SLOT_RESERVE, size // 4) if settings.is_cpu else 0
        self._reserve = self._least_reserve
        self._working = 0
        threading.Thread(target=self._keep, name="budget-keeper", daemon=True).start()

    def used(self) -> int:
        """How much is taken: the larger of what is charged and what is measured."""
        return max(self._charges(), self._measured())

    def is_exceeded(self) -> bool:
        """Whether the process holds more than the budget, and no model is left to close."""
        return self._measured() > self.size and not self._shelf.loaded()

    def charge_runtime(self, size: int) -> None:
        """Count memory that no model will give back."""
        self._runtimes += size

    @contextlib.contextmanager
    def working_memory(self, size: int, deadline: float) -> Iterator[None]:
        """Have ``size`` bytes while a request works; small sizes come from a standing reserve.

        Idle models make room; otherwise the request waits for others to give back theirs. Raises OutOfMemory when
        there is not that much in the budget at all, DeadlineExceeded.
        """
        if size <= SLOT_RESERVE or not self._settings.is_cpu:
            yield
            return
        while not self._take_working(size):
            if time.monotonic() >= deadline:
                raise DeadlineExceeded("The deadline passed while the request waited for memory.")
        try:
            yield
        finally:
            with self._shelf.changed:
                self._working -= size
                self._shelf.changed.notify_all()

    def refuse_too_large(self, reference: PackageReference) -> None:
        """Raises MemoryBudgetExceeded for a package that would not fit if it were alone."""
        least = self._least(reference)
        if least > self.size:
            raise MemoryBudgetExceeded(self._too_large(least))

    def make_room(self, entry: Entry, guess: int) -> None:
        """Close models until the package should fit, and charge its entry with that.

        ``guess``: what a package may need that was never loaded here. Raises MemoryBudgetExceeded.
        """
        known = self._residents.size_of(entry.reference.key)
        wanted = min(known.loading if known else guess, self.size - self._reserve)
        # A guess may be too high: with nothing left to close, try as long as the weights alone would fit.
        least = min(self._least(entry.reference), wanted)
        give_up = time.monotonic() + self._settings.run_limit
        if self.used() + wanted > self.size:
            # What is only free in the allocator's hands shall not cost a model its place.
            give_back()
        while not self._charge_if_free(entry, wanted):
            if self._shelf.evict(entry) or self._unlearn():
                continue
            if not self._wait_for_leavers(give_up):
                if self._charges() + least > self.size:
                    raise MemoryBudgetExceeded(NO_ROOM)
                self._shelf.charge(entry, wanted)
                break

    def settle(self, entry: Entry, size: Size) -> None:
        """Charge a loaded model with its measured size, and keep the budget if that is more than was thought.

        Raises MemoryBudgetExceeded.
        """
        self._residents.learn(entry.reference.key, size)
        charge = (self._residents.size_of(entry.reference.key) or size).loaded
        self._shelf.charge(entry, charge)
        if self.used() > self.size:
            give_back()
        give_up = time.monotonic() + self._settings.run_limit
        while self.used() > self.size:
            if self._shelf.evict(entry) or self._unlearn() or self._shelf.drop_latency_model(entry):
                continue
            if charge > self.size - self._reserve:
                raise MemoryBudgetExceeded(self._too_large(charge))
            if not self._wait_for_leavers(give_up):
                # If the charges fit, what is above the budget is only the allocator's own reserve.
                if self._charges() > self.size:
                    raise MemoryBudgetExceeded(NO_ROOM)
                break

    def _least(self, reference: PackageReference) -> int:
        """What the package takes at least."""
        known = self._residents.size_of(reference.key)
        return known.loaded if known else weight_of(reference.directory)

    def _charges(self) -> int:
        return self._runtimes + self._reserve + self._working + self._shelf.charges()

    def _measured(self) -> int:
        return self._meter.used() - self._base_memory

    def _charge_if_free(self, entry: Entry, size: int) -> bool:
        with self._shelf.changed:
            if self.used() + size > self.size:
                return False
            self._shelf.charge(entry, size)
            return True

    def _take_working(self, size: int) -> bool:
        """Take the memory if it is there; otherwise make some room, or wait a moment."""
        with self._shelf.changed:
            if self.used() + size <= self.size:
                self._working += size
                return True
        if self._shelf.evict(only_idle=True):
            return False
        give_back()
        with self._shelf.changed:
            if self._charges() + size <= self.size:
                # What is measured above the charges is only the allocator's own reserve.
                self._working += size
                return True
            if not self._working and not self._shelf.any_leaving():
                raise OutOfMemory("The picture needs more memory than this server has for it now.")
            self._shelf.changed.wait(0.1)
            return False

    def _unlearn(self) -> bool:
        """With no model left to close, requests have only what is theirs by right; False if that is so already."""
        with self._shelf.changed:
            learnt = self._reserve > self._least_reserve
            self._reserve = self._least_reserve
            return learnt

    def _wait_for_leavers(self, give_up: float) -> bool:
        """Wait a moment for a retired model to be closed by whoever holds it; False if there is none, or in vain."""
        with self._shelf.changed:
            if not self._shelf.any_leaving() or time.monotonic() > give_up:
                return False
            self._shelf.changed.wait(0.1)
            return True

    def _keep(self) -> None:
        """Look from time to time whether the measured memory comes too near to the budget, and make up for it."""
        limit = self.size - min(KEEPER_MARGIN, self.size // 16)
        left = 0
        while True:
            # Each look costs a running request more than it seems: it finds the caches cold, and leaves them so.
            time.sleep(min(max(KEEPER_INTERVAL, left / FILLING_RATE), KEEPER_LONGEST_INTERVAL))
            left = limit - self._measured()
            if left >= 0:
                continue
            give_back()
            excess = self._measured() - limit
            if excess <= 0:
                continue
            if self._charge_excess(excess) and self._shelf.evict():
                continue
            # Nothing to be done but to wait; giving back costs the requests a little each time.
            time.sleep(KEEPER_PATIENCE)

    def _charge_excess(self, excess: int) -> bool:
        """Requests need more beside the models than was thought: keep that much for them from now on.

        Says whether the charges are above the budget with that. Not while a model leaves, or for one that is alone.
        """
        with self._shelf.changed:
            if self._shelf.any_leaving() or len(self._shelf.loaded()) < 2:
                return False
            self._reserve = min(self._reserve + excess, self.size // 2)
            return self._charges() > self.size

    def _too_large(self, needed: int) -> str:
        return (
            f"The package needs about {-(-needed // MEBIBYTE)} MiB; "
            f"the memory budget of this host is {self.size // MEBIBYTE} MiB."
        )
