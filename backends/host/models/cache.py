"""The models that a host has: who holds them, which one goes first, and the closing of those that went.

A request holds its model from before the load until after its answer. A model that is retired is found by no new
request; it is closed when nobody holds it, by a thread that does nothing else.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from backends.errors import BackendError
from backends.host.models.hosted import HostedModel
from backends.host.models.saved_state import SavedState
from backends.host.process.memory import Meter, give_back
from backends.host.reference import PackageReference
from backends.host.scheduling.batcher import Batcher
from backends.host.scheduling.fair_scheduler import Admission


@dataclass(eq=False)
class Entry:
    """One package in the store. Fields other than the model's own are guarded by the store's lock."""

    reference: PackageReference
    admission: Admission
    pinned: bool = False
    held: int = 0
    last_used: float = field(default_factory=time.time)
    bytes: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    settled: bool = False
    retired: bool = False
    closed: bool = False
    error: BackendError | None = None
    load_seconds: float = 0.0
    requests: int = 0
    hosted: HostedModel | None = None
    # The same network with more threads for each run: for a request that is alone.
    latency_model: HostedModel | None = None
    batcher: Batcher | None = None

    @property
    def model(self) -> HostedModel:
        """The loaded model; only to be asked for while the entry is held and ready."""
        assert self.hosted is not None
        return self.hosted

    @property
    def loaded(self) -> bool:
        """Whether the entry can run requests."""
        return self.settled and self.hosted is not None and not self.retired

    def describe(self) -> dict[str, Any]:
        """What callers are told about a loaded model."""
        return {
            "package_id": self.reference.package_id,
            "architecture": self.reference.architecture,
            "task": self.reference.task,
            "backend": self.reference.backend,
            "bytes": self.bytes,
            "pinned": self.pinned,
            "held": self.held,
            "requests": self.requests,
            "last_used": self.last_used,
            "load_ms": round(self.load_seconds * 1000, 3),
            "input_size": self.model.input_size,
            "class_names": list(self.model.class_names),
            "batch_limit": self.model.batch_limit,
        }


class Lease:
    """A lock that is lost by whoever keeps it for longer than ``patience``: the next takes it then."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._holder: object | None = None
        self._since = 0.0

    def __enter__(self) -> None:
        me = threading.current_thread()
        with self._changed:
            while self._holder is not None and (left := self._since + self._patience - time.monotonic()) > 0:
                self._changed.wait(left)
            self._holder, self._since = me, time.monotonic()

    def __exit__(self, *error: object) -> None:
        with self._changed:
            if self._holder is threading.current_thread():
                self._holder = None
                self._changed.notify()


class ModelCache:
    """All models of one host, and those that left and are not closed yet. Thread-safe.

    ``changed`` guards the entries and is notified when one leaves or was closed. ``measuring`` is held while a model's
    size is measured and while another is closed: the one would hide the other.
    """

    def __init__(self, meter: Meter, residents: SavedState, patience: float) -> None:
        self.changed = threading.Condition()
        self.evictions = 0
        self._meter = meter
        self._residents = residents
        self._measuring = Lease(patience)
        self._entries: dict[str, Entry] = {}
        # Everything that may hold memory: the above, and what was retired and is not yet closed.
        self._charged: set[Entry] = set()
        self._leavers: queue.SimpleQueue[Entry] = queue.SimpleQueue()
        threading.Thread(target=self._close_leavers, name="closer", daemon=True).start()

    def enter(self, reference: PackageReference, make: Callable[[], Entry], *, pin: bool = False) -> tuple[Entry, bool]:
        """The package's entry, held from now on, and whether it was made just now and has to be loaded."""
        with self.changed:
            entry = self._entries.get(reference.key)
            is_new = entry is None
            if entry is None:
                entry = self._entries[reference.key] = make()
            entry.held += 1
            entry.pinned = entry.pinned or pin
            return entry, is_new

    def leave(self, entry: Entry) -> None:
        """Hold it no longer."""
        with self.changed:
            entry.held -= 1
            entry.last_used = time.time()
        if entry.retired:
            # Not here: closing takes a while, and other requests wait for this thread.
            self._leavers.put(entry)

    def loaded(self) -> list[Entry]:
        """The models that can run now, least recently used first."""
        with self.changed:
            entries = [entry for entry in self._entries.values() if entry.loaded]
            return sorted(entries, key=lambda entry: entry.last_used)

    def charge(self, entry: Entry, size: int) -> None:
        """Have a model count with so many bytes of memory until it is closed."""
        with self.changed:
            entry.bytes = size
            self._charged.add(entry)

    def charges(self) -> int:
        """What all models count with, in bytes."""
        with self.changed:
            return sum(entry.bytes for entry in self._charged)

    def any_leaving(self) -> bool:
        """Whether a model was retired and is not closed yet."""
        with self.changed:
            return any(entry.retired for entry in self._charged)

    def retire(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """Take out all models that are ``wanted``; those that are held are closed when they no longer are."""
        with self.changed:
            found = [entry for entry in self._entries.values() if wanted(entry)]
            for entry in found:
                self._retire(entry)
        self.close_idle(found)
        return found

    def evict(self, keep: Entry | None = None, *, only_idle: bool = False) -> bool:
        """Take out the model that was not used for the longest time; False if there is none to take.

        Never ``keep`` or one that is pinned, and one that is held only if all are.
        """
        with self.changed:
            candidates = [
                entry
                for entry in self._entries.values()
                if entry.loaded and not entry.pinned and entry is not keep and not (only_idle and entry.held)
            ]
            victim = min(candidates, key=lambda entry: (entry.held > 0, entry.last_used), default=None)
            if victim is None:
                return False
            self._retire(victim)
            self.evictions += 1
        self.close_idle([victim])
        return True

    def close_idle(self, entries: Sequence[Entry]) -> None:
        """Close those that are due: retired, settled and held by nobody."""
        for entry in entries:
            with self.changed:
                due = entry.retired and not entry.held and not entry.closed and entry.ready.is_set()
                entry.closed = entry.closed or due
            if due:
                self.dispose(entry)
        self.remember()

    def dispose(self, entry: Entry) -> None:
        """Close what the entry has of a model, and give its memory back."""
        self.forget(entry)
        batcher, entry.batcher = entry.batcher, None
        models = [model for model in (entry.hosted, entry.latency_model) if model is not None]
        entry.hosted = entry.latency_model = None
        if batcher is not None:
            batcher.close()
        with self.nothing_else_changes():
            while models:
                with contextlib.suppress(Exception):
                    models.pop().close()
            give_back()
        with self.changed:
            entry.bytes = 0
            self._charged.discard(entry)
            self.changed.notify_all()

    def drop_latency_model(self, entry: Entry) -> bool:
        """Do with the one model that serves many; False if that is so already."""
        model, entry.latency_model = entry.latency_model, None
        if model is None:
            return False
        with self.nothing_else_changes():
            before = self._meter.held()
            model.close()
            del model
            give_back()
            freed = before - self._meter.held()
        with self.changed:
            entry.bytes = max(0, entry.bytes - max(0, freed))
        return True

    def abandon(self, entry: Entry) -> None:
        """Take out a model whose load nobody waits for any more; whoever loads it disposes of it."""
        with self.changed:
            entry.retired = entry.closed = True
            entry.bytes = 0
            self._charged.discard(entry)
        self.forget(entry)

    def forget(self, entry: Entry) -> None:
        """Have new requests find another entry for the package."""
        with self.changed:
            if self._entries.get(entry.reference.key) is entry:
                del self._entries[entry.reference.key]
            self.changed.notify_all()

    def remember(self) -> None:
        """Note what is loaded, for the host that comes after a death."""
        residents = [(entry.reference, entry.pinned) for entry in self.loaded()]
        with contextlib.suppress(OSError):
            self._residents.write(residents)

    @contextlib.contextmanager
    def nothing_else_changes(self) -> Iterator[None]:
        """No other model is loaded or closed meanwhile; but nobody waits long for a load that hangs."""
        with self._measuring:
            yield

    def _retire(self, entry: Entry) -> None:
        entry.pinned = False
        entry.retired = True
        self.forget(entry)

    def _close_leavers(self) -> None:
        while True:
            self.close_idle([self._leavers.get()])
