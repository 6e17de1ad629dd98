"""The packages that requests ask for: each is loaded once, off the requests' way.

A load has two steps. *Preparing* takes long and happens in a child process, several packages at the same time: whatever
a file does, it ends the child and not the host, and the package is blocked. *Opening* is quick, and happens here, one
package at a time, so that the memory of each can be told apart.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from backends.error_wire import error_from_wire, error_to_wire
from backends.errors import (
    BackendError,
    DeadlineExceeded,
    MemoryBudgetExceeded,
    OutOfMemory,
    PackageBlocked,
    PackageFailedToLoad,
)
from backends.host.models import texts
from backends.host.models.budget import MemoryBudget
from backends.host.models.cache import Entry, ModelCache
from backends.host.models.loading import PackageLoader
from backends.host.models.preparing import PreparedPackage
from backends.host.process.crash_policy import CrashLog
from backends.host.scheduling.batcher import Batcher
from backends.host.scheduling.isolation import IsolationGate
from backends.host.settings import MEBIBYTE, HostSettings
from backends.memory import trim
from backends.model import LoadedModel
from backends.package_reference import PackageReference
from backends.trial.runtimes import import_runtime

log = logging.getLogger(__name__)

# Children that prepare, and those who wait for the same package. One that hangs is ended at the load limit.
LOADS_AT_ONCE = 8
PEAK_INTERVAL_SECONDS = 0.005
# Bytes beside its files and its working memory that a prepared package may take which was never loaded here.
PREPARED_GUESS = 20 * MEBIBYTE
NOT_LOADED = "The package could not be loaded."
NO_MEMORY = "There was not enough memory to load the package."


class ModelManager:
    """All models of one host. Thread-safe. ``run_batch`` runs prepared images of one model together."""

    run_batch: Callable[[Entry, Sequence[Any]], Sequence[Any]]

    def __init__(self, settings: HostSettings, loader: PackageLoader) -> None:
        self.crash_log = CrashLog(settings.crash_log, settings.crash_limit)
        self.cache = ModelCache(settings.saved_state, settings.queue_limit)
        self.budget = MemoryBudget(settings, self.cache)
        policy = self.crash_log.read()
        self.isolation = IsolationGate(settings.activity, policy.suspects, self.crash_log.clear)
        self._blocked = dict(policy.blocked)
        self._settings = settings
        self._loader = loader
        self._loads = ThreadPoolExecutor(LOADS_AT_ONCE, "load")
        self._warm_ups = ThreadPoolExecutor(settings.concurrency, "warm-up")
        self._opening = threading.Lock()
        self._package_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self.isolation.activity.announce(self.budget.base_memory, self.budget.size)

    @contextlib.contextmanager
    def hold(self, reference: PackageReference, deadline: float, *, pin: bool = False) -> Iterator[Entry]:
        """Hold the package's model, loading it first if need be.

        Raises HostBusy when too many requests are inside already, DeadlineExceeded when the load takes longer
        than the request can wait (the load itself goes on), PackageBlocked, PackageFailedToLoad, MemoryBudgetExceeded.
        """
        self._refuse_if_blocked(reference.package_id)
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
            self.cache.leave(entry)

    def load(self, reference: PackageReference, deadline: float, *, pin: bool = False) -> float:
        """Load a package, and pin it if asked; returns the milliseconds that its load took. Raises as `hold`."""
        with self.hold(reference, deadline, pin=pin) as entry:
            return round(entry.load_seconds * 1000, 3)

    def unload(self, package_id: str) -> bool:
        """Take a package out, pinned or not; requests that hold it finish first. Says whether it was loaded."""
        return bool(self.cache.retire(lambda entry: entry.reference.package_id == package_id))

    def unload_all(self, *, pinned: bool = False) -> list[str]:
        """Take out everything that is not pinned, or really everything; returns the packages' identifiers."""
        return [entry.reference.package_id for entry in self.cache.retire(lambda entry: pinned or not entry.pinned)]

    def restore(self) -> None:
        """Begin to load again what a host that crashed had loaded, without what may have been its end."""
        policy = self.crash_log.read()
        refused = {*policy.blocked, *policy.suspects, *policy.crashes}
        for reference, pinned in self.cache.saved_state.read():
            if reference.package_id not in refused and reference.directory.is_dir():
                self.cache.leave(self._enter(reference, pinned))

    def forget(self) -> None:
        """After an orderly end the next host starts empty."""
        self.cache.saved_state.write([])

    def blocked(self) -> dict[str, str]:
        """The packages that are blocked, with the reasons."""
        return dict(self._blocked)

    def block(self, package_id: str, reason: str) -> None:
        """Refuse a package from now on, and unload it."""
        self.crash_log.block(package_id, reason)
        self._blocked[package_id] = reason
        self.unload(package_id)

    def unblock(self, package_id: str) -> None:
        """Give a package that was blocked another chance."""
        self.crash_log.unblock(package_id)
        self._blocked.pop(package_id, None)

    def _refuse_if_blocked(self, package_id: str) -> None:
        reason = self._blocked.get(package_id)
        if reason is not None:
            raise PackageBlocked(f"{PackageBlocked.START}{reason}")

    def _enter(self, reference: PackageReference, pin: bool) -> Entry:
        entry, is_new = self.cache.enter(reference, pin=pin)
        if is_new:
            self._loads.submit(self._load, entry)
        return entry

    def _load(self, entry: Entry) -> None:
        """Load, and let those who wait know how it went, whatever happens."""
        started = time.monotonic()
        package_id = entry.reference.package_id
        try:
            self.budget.refuse_too_large(entry.reference)
            self._import_runtime(entry.reference.backend)
            # A package never has more than one child, whatever the options that it is asked for with.
            with self._package_locks[package_id]:
                self._refuse_if_blocked(package_id)
                self._prepare_and_open(entry, started)
        except BackendError as error:
            self._fail(entry, error)
        except (Exception, MemoryError) as error:
            log.exception("loading failed")
            out_of_memory = isinstance(error, MemoryError)
            self._fail(entry, OutOfMemory(NO_MEMORY) if out_of_memory else PackageFailedToLoad(NOT_LOADED))

    def _fail(self, entry: Entry, error: BackendError) -> None:
        if not isinstance(error, (PackageFailedToLoad, PackageBlocked, MemoryBudgetExceeded)) and not error.retryable:
            error = PackageFailedToLoad(error.message, error.code)
        # A copy without its traceback, whose frames would keep the half-loaded model alive.
        entry.error = error_from_wire(error_to_wire(error))
        self.cache.dispose(entry)
        self.cache.settle(entry)

    def _prepare_and_open(self, entry: Entry, started: float) -> None:
        """Make the entry ready. A package that ended whoever prepared it is blocked."""
        try:
            with self._loader.prepared(entry.reference, self.budget.size) as prepared, self._opening:
                size = self._open(entry, prepared)
                self._make_batcher(entry)
                self.budget.settle(entry, size)
                entry.load_seconds = time.monotonic() - started
                # Before the next is opened, which may have to close this one.
                self.cache.settle(entry)
        except PackageBlocked as error:
            self.block(entry.reference.package_id, error.reason)
            raise

    def _open(self, entry: Entry, prepared: PreparedPackage) -> int:
        """Load the package that was prepared; the memory that it takes."""
        settings, reference = self._settings, entry.reference
        working = prepared.working_bytes * settings.concurrency
        self.budget.make_room(entry, prepared.file_bytes + working + PREPARED_GUESS if prepared.folder else None)
        with (
            self.isolation.working("loading", reference.package_id, settings.load_limit),
            self.budget.measuring() as taken,
        ):
            # Beside a GPU the runtime itself chooses.
            entry.loaded_model = self._loader.open(reference, prepared, threads=1 if settings.is_cpu else 0)
            if settings.is_cpu and settings.wide_threads > 1 and reference.backend == "onnx":
                # The two share their weights, so that this takes 2 MiB more.
                entry.wide_model = self._loader.open(reference, prepared, threads=settings.wide_threads)
            # Reading a model takes more than having it.
            trim()
            kept = texts.MOST_BYTES if entry.loaded_model.takes_texts else 0
            if prepared.folder is None:
                self._warm_up(entry.loaded_model, taken)
                return taken() + kept
            # A run was tried where it was prepared.
            return taken() + working + kept

    def _make_batcher(self, entry: Entry) -> None:
        settings, size = self._settings, self._batch_size(entry.model)
        if size > 1:
            entry.batcher = Batcher(
                lambda batch: self.run_batch(entry, batch),
                max_size=size,
                max_wait=settings.max_wait,
                # On a GPU the next batch is copied while one is computed.
                workers=1 if settings.is_cpu else 2,
            )

    def _warm_up(self, model: LoadedModel, taken: Callable[[], int]) -> None:
        """Run as many at once as requests will, with a look at the memory now and then."""
        parallel = self._settings.concurrency if self._settings.is_cpu else 1
        runs = [self._warm_ups.submit(model.warm_up) for _ in range(parallel)]
        while wait(runs, PEAK_INTERVAL_SECONDS).not_done:
            taken()
        for run in runs:
            run.result()

    def _batch_size(self, model: LoadedModel) -> int:
        return model.static_batch or min(self._settings.batch_size, model.batch_limit)

    def _import_runtime(self, backend: str) -> None:
        """Import what the backend needs, so that the first model of its kind is not charged with it."""
        before = self.budget.meter.used()
        import_runtime(backend)
        self.budget.charge_runtime(max(0, self.budget.meter.used() - before - MEBIBYTE))
