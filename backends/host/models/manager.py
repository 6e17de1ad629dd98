"""The packages that requests ask for: each is loaded once, off the requests' way.

A package is loaded once however many requests ask for it, by a thread that does nothing else. First a child prepares it
(`preparing.py`), at a low priority, so that running models hardly notice; then it is opened here. What it takes of
memory is measured, working memory included. A load that outlives its limit is written off and its package is blocked
(`load_queue.py`).
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from backends.errors import BackendError, OutOfMemory
from backends.host.errors import (
    DeadlineExceeded,
    MemoryBudgetExceeded,
    PackageBlocked,
    PackageFailedToLoad,
    error_from_wire,
    error_to_wire,
)
from backends.host.models.budget import MemoryBudget
from backends.host.models.cache import Entry, Lease, ModelCache
from backends.host.models.hosted import HostedModel, Loader, PreparedPackage
from backends.host.models.load_queue import MOST_WRITTEN_OFF, Load, LoadQueue
from backends.host.models.saved_state import SavedState, Size
from backends.host.process.activity import ActivityLog
from backends.host.process.memory import MEBIBYTE, Meter, first_guess
from backends.host.reference import PackageReference
from backends.host.scheduling.batcher import Batcher
from backends.host.scheduling.fair_scheduler import Admission
from backends.host.scheduling.isolation import IsolationGate
from backends.host.scheduling.priority import Background
from backends.host.settings import HostSettings
from backends.memory import trim

log = logging.getLogger(__name__)

# Seconds that the supervisor leaves the host to write off a load by itself; one that hangs as a whole cannot.
WRITE_OFF_GRACE = 15.0
# Bytes beside its working memory that a package with mapped weights may take which was never loaded here.
MAPPED_GUESS = 32 * MEBIBYTE
NOT_LOADED = "The package could not be loaded."
NO_MEMORY = "There was not enough memory to load the package."
RUNTIMES = {"onnx": "onnxruntime", "torch": "torch", "torch-script": "torch", "torchscript": "torch"}


class ModelManager:
    """All models of one host. Thread-safe."""

    def __init__(
        self,
        settings: HostSettings,
        *,
        loader: Loader,
        meter: Meter,
        journal: ActivityLog,
        probation: IsolationGate,
        base_memory: int,
        budget: int,
        background: Background,
        run: Callable[[Entry, Sequence[Any]], Sequence[Any]],
        block: Callable[[str, str], None],
        refuse_if_blocked: Callable[[str], None],
    ) -> None:
        residents = SavedState(settings.saved_state)
        self._shelf = ModelCache(meter, residents, settings.load_patience)
        self.budget = MemoryBudget(
            budget, settings, meter=meter, base_memory=base_memory, shelf=self._shelf, residents=residents
        )
        self._settings = settings
        self._loader = loader
        self._meter = meter
        self._journal = journal
        self._probation = probation
        self._background = background
        self._run = run
        self._residents = residents
        self._block = block
        self._refuse_if_blocked = refuse_if_blocked
        self._turn = Lease(settings.load_patience)
        self._loads = LoadQueue(
            patience=settings.load_patience,
            limit=settings.load_limit,
            work=self._load_one,
            write_off=self._write_off,
        )

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
            self._shelf.leave(entry)

    @property
    def is_loading(self) -> bool:
        """Whether a package is being loaded, and not for longer than others wait for it."""
        return self._loads.any_fresh

    @property
    def load_takes_cores(self) -> bool:
        """Whether a package is being loaded without leaving all cores to requests."""
        return self.is_loading and not self._background.stands_aside

    @property
    def is_worn_out(self) -> bool:
        """Whether the host had better be started anew: for the threads that are lost to loads, or for their memory."""
        lost = self._loads.lost
        return lost >= MOST_WRITTEN_OFF or (lost > 0 and self.budget.is_exceeded())

    @property
    def lost_loads(self) -> int:
        """How many loads were written off and have not come back."""
        return self._loads.lost

    @property
    def evictions(self) -> int:
        """How many models had to go to make room, so far."""
        return self._shelf.evictions

    def unload(self, package_id: str) -> bool:
        """Take a package out, pinned or not; requests that hold it finish first. Says whether it was loaded."""
        return bool(self._shelf.retire(lambda entry: entry.reference.package_id == package_id))

    def unload_all(self, *, pinned: bool = False) -> list[str]:
        """Take out everything that is not pinned, or really everything; returns the packages' identifiers."""
        return [entry.reference.package_id for entry in self._shelf.retire(lambda entry: pinned or not entry.pinned)]

    def loaded(self) -> list[dict[str, Any]]:
        """The models that can run now, described, least recently used first."""
        with self._shelf.changed:
            return [entry.describe() for entry in self._shelf.loaded()]

    def restore(self, refused: frozenset[str]) -> None:
        """Begin to load again what a host that died had loaded, without the packages in ``refused``."""
        for reference, pinned in self._residents.read():
            if reference.package_id not in refused and reference.directory.is_dir():
                self._shelf.leave(self._enter(reference, pinned))

    def forget_residents(self) -> None:
        """After an orderly end the next host starts empty."""
        self._residents.remove()

    def _enter(self, reference: PackageReference, pin: bool) -> Entry:
        entry, is_new = self._shelf.enter(
            reference, lambda: Entry(reference, Admission(self._settings.queue_limit)), pin=pin
        )
        if is_new:
            self._loads.add(entry)
        return entry

    def _load_one(self, load: Load) -> None:
        """Load, and let those who wait know how it went, whatever happens."""
        entry = load.entry
        try:
            self._load(load)
        except BackendError as error:
            self._fail(entry, error)
        except (Exception, MemoryError) as error:
            log.exception("loading failed")
            out_of_memory = isinstance(error, MemoryError)
            self._fail(entry, OutOfMemory(NO_MEMORY) if out_of_memory else PackageFailedToLoad(NOT_LOADED))
        finally:
            if self._loads.finish(load):
                entry.load_seconds = time.monotonic() - load.started
                self._settle(entry)
            else:
                log.warning("a load that was written off has come back")
                self._shelf.dispose(entry)

    def _settle(self, entry: Entry) -> None:
        """Let everybody know that it is loaded, or why it is not."""
        entry.settled = True
        # Before anybody hears of it: what a caller knows to be loaded comes back after a death.
        self._shelf.remember()
        entry.ready.set()
        # It may have been unloaded, or everyone who waited may have left, while it was loading.
        self._shelf.close_idle([entry])

    def _write_off(self, load: Load) -> None:
        """Do without a load that outlived its limit: block the package, and tell those who wait for it."""
        package_id = load.package
        reason = f"{PackageBlocked.LOAD_DID_NOT_END} within {self._settings.load_limit:g} seconds."
        log.error("a load was written off: %s", package_id)
        if not self._probation.suspects:
            self._journal.excuse("loading", package_id)
        # Otherwise it keeps suspects, who want to be alone, from running: the supervisor ends this host.
        load.entry.error = PackageBlocked(f"{PackageBlocked.START}{reason}")
        self._shelf.abandon(load.entry)
        self._block(package_id, reason)
        self._settle(load.entry)

    def _fail(self, entry: Entry, error: BackendError) -> None:
        if not isinstance(error, (PackageFailedToLoad, PackageBlocked, MemoryBudgetExceeded)) and not error.retryable:
            error = PackageFailedToLoad(error.message, error.code)
        # A copy without its traceback, whose frames would keep the half-loaded model alive.
        entry.error = entry.error or error_from_wire(error_to_wire(error))
        self._shelf.dispose(entry)

    def _load(self, load: Load) -> None:
        reference = load.entry.reference
        # Blocked since it was asked for: another load of it did not end.
        self._refuse_if_blocked(reference.package_id)
        self._import_runtime(reference.backend)
        self.budget.refuse_too_large(reference)
        try:
            with (
                self._loader.prepared(reference, self.budget.size) as prepared,
                # Loads take turns here, or their memory could not be told apart; but nobody waits long for one that
                # hangs.
                self._turn,
            ):
                self._open(load, prepared)
        except PackageBlocked as error:
            self._block(reference.package_id, error.reason)
            raise

    def _open(self, load: Load, prepared: PreparedPackage) -> None:
        """Load the package that was prepared, within the budget."""
        threads = self._threads(load.entry.reference)
        working = prepared.working_bytes * self._settings.slots
        directory = load.entry.reference.directory
        guess = working + MAPPED_GUESS if prepared.folder else first_guess(directory, len(threads))
        self.budget.make_room(load.entry, guess)
        size = self._measured(load, prepared, threads, working)
        self._make_batcher(load.entry)
        self.budget.settle(load.entry, size)

    def _threads(self, reference: PackageReference) -> list[int]:
        """The numbers of threads that a run may have, one for each session."""
        settings = self._settings
        if settings.is_cpu and settings.latency_slots > 1 and reference.backend == "onnx":
            return [1, settings.latency_slots]
        # Beside a GPU the runtime itself chooses.
        return [1 if settings.is_cpu else 0]

    def _measured(self, load: Load, prepared: PreparedPackage, threads: Sequence[int], working: int) -> Size:
        """Load the package; the memory that it takes, ``working`` bytes of it for its runs if those were tried."""
        settings, entry, reference = self._settings, load.entry, load.entry.reference
        with (
            self._probation.passing(reference.package_id),
            self._shelf.nothing_else_changes(),
            self._journal.working("loading", reference.package_id, settings.load_limit + WRITE_OFF_GRACE),
            self._background.loading(),
        ):
            self._loads.begin(load)
            trim()
            held, used = self._meter.held(), self._meter.used()
            self._meter.reset_peak()
            entry.hosted, *others = self._loader.open(reference, prepared, device=settings.device, threads=threads)
            entry.latency_model = others[0] if others else None
            if load.written_off:
                raise PackageFailedToLoad(NOT_LOADED)
            if prepared.folder is not None:
                # A run was tried where it was prepared.
                loaded = working + max(0, self._meter.held() - held, self._meter.used() - used)
                return Size(loaded, loaded)
            load_peak = self._meter.peak() - used
            # Reading a model takes more than having it.
            trim()
            self._meter.reset_peak()
            self._warm_up(entry)
            # Some runtimes keep their working memory, others take it anew for each run: then only the peak has it.
            loaded = max(0, self._meter.held() - held, self._meter.peak() - used)
            return Size(loaded, max(loaded, load_peak))

    def _make_batcher(self, entry: Entry) -> None:
        settings, size = self._settings, self._batch_size(entry.model)
        if size > 1:
            entry.batcher = Batcher(
                lambda batch: self._run(entry, batch),
                max_size=size,
                max_wait=settings.max_wait,
                # On a GPU the next batch is copied while one is computed.
                workers=1 if settings.is_cpu else 2,
                queue_limit=settings.queue_limit,
            )

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
                self.budget.charge_runtime(max(0, self._meter.used() - before - MEBIBYTE))

    def _warm_up(self, entry: Entry) -> None:
        """Run as many at once as requests will, so that the peak holds all their working memory."""
        parallel = self._settings.slots if self._settings.is_cpu else 1
        self._background.call_all([entry.model.warm_up] * parallel)
        if entry.latency_model is not None:
            self._background.call(entry.latency_model.warm_up)
