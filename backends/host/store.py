"""The models that are loaded: one load each, reference counts, and eviction by measured memory.

A package is loaded once however many requests ask for it, by threads that do nothing else and leave the native part
to threads of low priority, so that running models hardly notice. A request holds its model from before the load until
after its answer; a model that is held is never closed. Room is made before a load, from what the same package took
the last times or from a high guess, by closing the least recently used models. What counts is what was measured:
after the load and the warm-up the model is charged with what the memory really grew by, working memory included.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from backends.errors import BackendError, OutOfMemory
from backends.host.batcher import Batcher
from backends.host.entry import Entry
from backends.host.errors import (
    DeadlineExceeded,
    MemoryBudgetExceeded,
    PackageFailedToLoad,
    error_from_wire,
    error_to_wire,
)
from backends.host.hosted import HostedModel, Loader
from backends.host.journal import Journal
from backends.host.memory import MEBIBYTE, Meter, first_guess, give_back, trim, weight_of
from backends.host.priority import call_at_low_priority, lower_own_priority, restore_priorities
from backends.host.probation import Probation
from backends.host.reference import PackageReference
from backends.host.residents import Residents, Size
from backends.host.settings import HostSettings
from backends.host.slots import Admission

log = logging.getLogger(__name__)

LOAD_THREADS = 2
# For pictures being decoded and answers being made, of each slot; part of the budget. Larger pictures ask first.
SLOT_RESERVE = 24 * MEBIBYTE
KEEPER_INTERVAL = 0.02
KEEPER_PATIENCE = 0.1
# What is left of the budget when the keeper begins to act; less where the budget is small.
KEEPER_MARGIN = 32 * MEBIBYTE
NO_ROOM = "The package does not fit into the memory budget beside what is pinned or in use."
NOT_LOADED = "The package could not be loaded."
NO_MEMORY = "There was not enough memory to load the package."
RUNTIMES = {"onnx": "onnxruntime", "torch": "torch", "torch-script": "torch", "torchscript": "torch"}


class Store:
    """All models of one host. Thread-safe."""

    def __init__(
        self,
        settings: HostSettings,
        *,
        loader: Loader,
        meter: Meter,
        journal: Journal,
        probation: Probation,
        base_memory: int,
        budget: int,
        run: Callable[[Entry, Sequence[Any]], Sequence[Any]],
    ) -> None:
        self.budget = budget
        self.evictions = 0
        self.loading = 0
        self._settings = settings
        self._loader = loader
        self._meter = meter
        self._journal = journal
        self._probation = probation
        self._base_memory = base_memory
        self._run = run
        self._residents = Residents(settings.residents)
        self._changed = threading.Condition()
        self._entries: dict[str, Entry] = {}
        # Everything that may hold memory: the above, and what was retired and is not yet closed.
        self._charged: set[Entry] = set()
        self._runtime_overhead = 0
        self._least_reserve = min(settings.slots * SLOT_RESERVE, budget // 6) if settings.is_cpu else 0
        self._reserve = self._least_reserve
        self._working = 0
        self._turn = threading.Lock()
        # Held while a model's size is measured, and while another is closed: the one would hide the other.
        self._measuring = threading.Lock()
        self._leavers: queue.SimpleQueue[Entry] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[Entry] = queue.SimpleQueue()
        for number in range(LOAD_THREADS):
            threading.Thread(target=self._load_forever, name=f"loader-{number}", daemon=True).start()
        threading.Thread(target=self._close_leavers, name="closer", daemon=True).start()
        threading.Thread(target=self._keep_budget, name="budget-keeper", daemon=True).start()

    # What requests do.

    @contextlib.contextmanager
    def hold(self, reference: PackageReference, deadline: float, *, pin: bool = False) -> Iterator[Entry]:
        """Hold the package's model, loading it first if need be.

        Raises HostBusy when too many requests are inside already, DeadlineExceeded when the load takes longer
        than the request can wait (the load itself goes on), PackageFailedToLoad, MemoryBudgetExceeded.
        """
        entry = self._enter(reference, pin)
        try:
            with entry.admission.enter():
                if not entry.ready.wait(max(0.0, deadline - time.monotonic())):
                    raise DeadlineExceeded("The deadline passed while the package was loaded.")
                if entry.error is not None:
                    # A fresh copy each: several threads raise it.
                    raise error_from_wire(error_to_wire(entry.error))
                yield entry
        finally:
            self._leave(entry)

    @contextlib.contextmanager
    def working_memory(self, size: int, deadline: float) -> Iterator[None]:
        """Have ``size`` bytes of the budget while a request works; small sizes come from a standing reserve.

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
            with self._changed:
                self._working -= size
                self._changed.notify_all()

    def _take_working(self, size: int) -> bool:
        """Take the memory if it is there; otherwise make some room, or wait a moment."""
        with self._changed:
            if self._used() + size <= self.budget:
                self._working += size
                return True
            victim = self._victim(None)
            if victim is not None and not victim.held:
                self._retire(victim)
                self.evictions += 1
            else:
                victim = None
        if victim is not None:
            self._close_idle([victim])
            return False
        give_back()
        with self._changed:
            if self._charges() + size <= self.budget:
                # What is measured above the charges is only the allocator's own reserve.
                self._working += size
                return True
            if not self._working and not any(entry.retired for entry in self._charged):
                raise OutOfMemory("The picture needs more memory than this server has for it now.")
            self._changed.wait(0.1)
            return False

    def unload(self, package_id: str) -> bool:
        """Take a package out, pinned or not; requests that hold it finish first. Says whether it was loaded."""
        with self._changed:
            found = [entry for entry in self._entries.values() if entry.reference.package_id == package_id]
            for entry in found:
                entry.pinned = False
                self._retire(entry)
        self._close_idle(found)
        return bool(found)

    def unload_all(self, *, pinned: bool = False) -> list[str]:
        """Take out everything that is not pinned, or really everything; returns the packages' identifiers."""
        with self._changed:
            found = [entry for entry in self._entries.values() if pinned or not entry.pinned]
            for entry in found:
                self._retire(entry)
        self._close_idle(found)
        return [entry.reference.package_id for entry in found]

    def loaded(self) -> list[dict[str, Any]]:
        """The models that can run now, described, least recently used first."""
        with self._changed:
            entries = [entry for entry in self._entries.values() if entry.loaded]
            return [entry.describe() for entry in sorted(entries, key=lambda entry: entry.last_used)]

    def used(self) -> int:
        """How much of the budget is taken: the larger of what is charged and what is measured."""
        with self._changed:
            return self._used()

    def restore(self, refused: frozenset[str]) -> None:
        """Begin to load again what a host that died had loaded, without the packages in ``refused``."""
        for reference, pinned in self._residents.read():
            if reference.package_id not in refused and reference.directory.is_dir():
                self._leave(self._enter(reference, pinned))

    def forget_residents(self) -> None:
        """After an orderly end the next host starts empty."""
        self._residents.remove()

    # Loading, in its own threads.

    def _enter(self, reference: PackageReference, pin: bool) -> Entry:
        with self._changed:
            entry = self._entries.get(reference.key)
            if entry is None:
                entry = Entry(reference, Admission(self._settings.queue_limit))
                self._entries[reference.key] = entry
                self._jobs.put(entry)
            entry.held += 1
            entry.pinned = entry.pinned or pin
            return entry

    def _leave(self, entry: Entry) -> None:
        with self._changed:
            entry.held -= 1
            entry.last_used = time.time()
        if entry.retired:
            # Not here: closing takes a while, and other requests wait for this thread.
            self._leavers.put(entry)

    def _load_forever(self) -> None:
        while True:
            entry = self._jobs.get()
            # Loads take turns, or their memory could not be told apart; but nobody waits for one that hangs.
            got_turn = self._turn.acquire(timeout=self._settings.load_patience)
            try:
                self._load_one(entry)
            except Exception:
                log.exception("a load ended by a fault")
            finally:
                if got_turn:
                    self._turn.release()
            del entry

    def _load_one(self, entry: Entry) -> None:
        """Load, and let those who wait know how it went, whatever happens."""
        started = time.monotonic()
        with self._changed:
            self.loading += 1
        try:
            self._load(entry)
        except BackendError as error:
            self._fail(entry, error)
        except (Exception, MemoryError) as error:
            log.exception("loading failed")
            out_of_memory = isinstance(error, MemoryError)
            self._fail(entry, OutOfMemory(NO_MEMORY) if out_of_memory else PackageFailedToLoad(NOT_LOADED))
        finally:
            entry.load_seconds = time.monotonic() - started
            entry.settled = True
            with self._changed:
                self.loading -= 1
            # Before anybody hears of it: what a caller knows to be loaded comes back after a death.
            self._remember()
            entry.ready.set()
            # It may have been unloaded, or everyone who waited may have left, while it was loading.
            self._close_idle([entry])

    def _fail(self, entry: Entry, error: BackendError) -> None:
        if not isinstance(error, (PackageFailedToLoad, MemoryBudgetExceeded)) and not error.retryable:
            error = PackageFailedToLoad(error.message, error.code)
        with self._changed:
            # A copy without its traceback, whose frames would keep the half-loaded model alive.
            entry.error = error_from_wire(error_to_wire(error))
            self._forget(entry)
        self._dispose(entry)

    def _load(self, entry: Entry) -> None:
        settings, reference = self._settings, entry.reference
        twice = settings.is_cpu and settings.latency_slots > 1 and reference.backend == "onnx"
        self._import_runtime(reference.backend)
        self._make_room(entry, 2 if twice else 1)
        with (
            self._probation.passing(reference.package_id),
            self._journal.working("loading", reference.package_id, settings.load_limit),
            self._nothing_else_changes(),
        ):
            trim()
            held, used = self._meter.held(), self._meter.used()
            self._meter.reset_peak()
            entry.hosted = self._loader(reference, device=settings.device, threads=1 if settings.is_cpu else 0)
            if twice:
                entry.latency_model = self._loader(reference, device=settings.device, threads=settings.latency_slots)
            load_peak = self._meter.peak() - used
            # Reading a model takes more than having it.
            trim()
            self._meter.reset_peak()
            self._warm_up(entry)
            restore_priorities()
            # Some runtimes keep their working memory, others take it anew for each run: then only the peak has it.
            loaded = max(0, self._meter.held() - held, self._meter.peak() - used)
            size = Size(loaded, max(loaded, load_peak))
        batch_size = self._batch_size(entry.model)
        if batch_size > 1:
            entry.batcher = Batcher(
                lambda batch: self._run(entry, batch),
                max_size=batch_size,
                max_wait=settings.max_wait,
                # On a GPU the next batch is copied while one is computed.
                workers=1 if settings.is_cpu else 2,
                queue_limit=settings.queue_limit,
            )
        self._settle(entry, size)

    @contextlib.contextmanager
    def _nothing_else_changes(self) -> Iterator[None]:
        """No other model is loaded or closed meanwhile; but nobody waits long for a load that hangs."""
        got_it = self._measuring.acquire(timeout=self._settings.load_patience)
        try:
            yield
        finally:
            if got_it:
                self._measuring.release()

    def _batch_size(self, model: HostedModel) -> int:
        if model.static_batch:
            return model.static_batch
        size = self._settings.batch_size
        return size if model.batch_limit is None else min(size, model.batch_limit)

    def _import_runtime(self, backend: str) -> None:
        """Import what the backend needs, so that the first model of its kind is not charged with it."""
        before = self._meter.used()
        with contextlib.suppress(ImportError):
            if backend in RUNTIMES:
                importlib.import_module(RUNTIMES[backend])
                self._runtime_overhead += max(0, self._meter.used() - before - MEBIBYTE)

    def _warm_up(self, entry: Entry) -> None:
        """Run as many at once as requests will, so that the peak holds all their working memory."""
        parallel = self._settings.slots if self._settings.is_cpu else 1
        with ThreadPoolExecutor(parallel, "warm-up", initializer=lower_own_priority) as executor:
            list(executor.map(lambda _: entry.model.warm_up(), range(parallel)))
        if entry.latency_model is not None:
            call_at_low_priority(entry.latency_model.warm_up)

    # Memory.

    def _charges(self) -> int:
        models = sum(entry.bytes for entry in self._charged)
        return self._runtime_overhead + self._reserve + self._working + models

    def _used(self) -> int:
        return max(self._charges(), self._meter.used() - self._base_memory)

    def _make_room(self, entry: Entry, copies: int) -> None:
        """Close models until the reservation fits, and reserve."""
        weight = weight_of(entry.reference.directory)
        known = self._residents.size_of(entry.reference.key)
        guess = known.loading if known else first_guess(entry.reference.directory, copies)
        wanted = min(guess, self.budget - self._reserve)
        # A guess may be too high: with nothing left to close, try as long as the weights alone would fit.
        least = known.loaded if known else weight
        if least > self.budget:
            raise MemoryBudgetExceeded(_too_large(least, self.budget))
        give_up = time.monotonic() + self._settings.run_limit
        if self.used() + wanted > self.budget:
            # What is only free in the allocator's hands shall not cost a model its place.
            give_back()
        while True:
            with self._changed:
                if self._used() + wanted <= self.budget:
                    break
                victim = self._victim(entry)
                if victim is not None:
                    self._retire(victim)
                    self.evictions += 1
            if victim is not None:
                self._close_idle([victim])
            elif self._unlearn():
                continue
            elif not self._wait_for_leavers(give_up):
                if self._charges() + least > self.budget:
                    raise MemoryBudgetExceeded(NO_ROOM)
                break
        with self._changed:
            entry.bytes = wanted
            self._charged.add(entry)

    def _keep_budget(self) -> None:
        """Look from time to time whether the measured memory comes too near to the budget, and make up for it."""
        limit = self.budget - min(KEEPER_MARGIN, self.budget // 16)
        while True:
            time.sleep(KEEPER_INTERVAL)
            if self._meter.used() - self._base_memory <= limit:
                continue
            give_back()
            with self._changed:
                excess = self._meter.used() - self._base_memory - limit
                leaving = any(entry.retired for entry in self._charged)
                alone = sum(entry.loaded for entry in self._entries.values()) < 2
                victim = None
                if excess > 0 and not leaving and not alone:
                    # Requests need more beside the models than was thought: from now on that much is kept for them.
                    self._reserve = min(self._reserve + excess, self.budget // 2)
                    victim = self._victim(None) if self._charges() > self.budget else None
                    if victim is not None:
                        self._retire(victim)
                        self.evictions += 1
            if victim is not None:
                self._close_idle([victim])
            elif excess > 0:
                # Nothing to be done but to wait; giving back costs the requests a little each time.
                time.sleep(KEEPER_PATIENCE)

    def _victim(self, loading: Entry | None) -> Entry | None:
        """The model to close next: the longest unused one; one that is held only if all are held."""
        candidates = [e for e in self._entries.values() if e.loaded and not e.pinned and e is not loading]
        return min(candidates, key=lambda entry: (entry.held > 0, entry.last_used), default=None)

    def _settle(self, entry: Entry, size: Size) -> None:
        """Replace the reservation by the measured size, and keep the budget if it was too low."""
        self._residents.learn(entry.reference.key, size)
        charge = (self._residents.size_of(entry.reference.key) or size).loaded
        with self._changed:
            entry.bytes = charge
        if self.used() > self.budget:
            give_back()
        give_up = time.monotonic() + self._settings.run_limit
        while self.used() > self.budget:
            with self._changed:
                victim = self._victim(entry)
                if victim is not None:
                    self._retire(victim)
                    self.evictions += 1
            if victim is not None:
                self._close_idle([victim])
            elif self._unlearn() or self._drop_latency_model(entry):
                continue
            elif charge > self.budget - self._reserve:
                raise MemoryBudgetExceeded(_too_large(charge, self.budget))
            elif not self._wait_for_leavers(give_up):
                # If the charges fit, what is above the budget is only the allocator's own reserve.
                if self._charges() > self.budget:
                    raise MemoryBudgetExceeded(NO_ROOM)
                break

    def _unlearn(self) -> bool:
        """With no model left to close, requests have only what is theirs by right; False if that is so already."""
        with self._changed:
            learnt = self._reserve > self._least_reserve
            self._reserve = self._least_reserve
            return learnt

    def _wait_for_leavers(self, give_up: float) -> bool:
        """Wait a moment for a retired model to be closed by whoever holds it; False if there is none, or in vain."""
        with self._changed:
            if not any(other.retired for other in self._charged) or time.monotonic() > give_up:
                return False
            self._changed.wait(0.1)
            return True

    def _drop_latency_model(self, entry: Entry) -> bool:
        model, entry.latency_model = entry.latency_model, None
        if model is None:
            return False
        with self._nothing_else_changes():
            before = self._meter.held()
            model.close()
            del model
            give_back()
            freed = before - self._meter.held()
        with self._changed:
            entry.bytes = max(0, entry.bytes - max(0, freed))
        return True

    # Leaving.

    def _close_leavers(self) -> None:
        while True:
            self._close_idle([self._leavers.get()])

    def _forget(self, entry: Entry) -> None:
        if self._entries.get(entry.reference.key) is entry:
            del self._entries[entry.reference.key]
        self._changed.notify_all()

    def _retire(self, entry: Entry) -> None:
        """No new request finds it; it is closed when nobody holds it. The lock is held."""
        entry.retired = True
        self._forget(entry)

    def _close_idle(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            with self._changed:
                due = entry.retired and not entry.held and not entry.closed and entry.ready.is_set()
                entry.closed = entry.closed or due
            if due:
                self._dispose(entry)
        self._remember()

    def _dispose(self, entry: Entry) -> None:
        batcher, entry.batcher = entry.batcher, None
        models = [model for model in (entry.hosted, entry.latency_model) if model is not None]
        entry.hosted = entry.latency_model = None
        if batcher is not None:
            batcher.close()
        with self._nothing_else_changes():
            while models:
                with contextlib.suppress(Exception):
                    models.pop().close()
            give_back()
        with self._changed:
            entry.bytes = 0
            self._charged.discard(entry)
            self._changed.notify_all()

    def _remember(self) -> None:
        with self._changed:
            residents = [(entry.reference, entry.pinned) for entry in self._entries.values() if entry.loaded]
        with contextlib.suppress(OSError):
            self._residents.write(residents)


def _too_large(needed: int, budget: int) -> str:
    return (
        f"The package needs about {-(-needed // MEBIBYTE)} MiB; "
        f"the memory budget of this host is {budget // MEBIBYTE} MiB."
    )
