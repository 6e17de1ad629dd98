"""The models that a host has in memory: who holds them, which one goes first, and the closing of those that went.

A request holds its model from before the load until after its answer. A model that is retired is found by no new
request; it is closed when nobody holds it, by a thread that does nothing else.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backends.errors import BackendError
from backends.host.models.saved_state import SavedState
from backends.host.models.texts import TextCache
from backends.host.scheduling.batcher import Batcher
from backends.host.scheduling.fair_scheduler import Admission
from backends.memory import give_back
from backends.model import LoadedModel
from backends.package_reference import PackageReference


@dataclass(eq=False)
class Entry:
    """One package in the cache, from the first request for it until its memory is given back.

    ``wide_model``: the same network with more threads for each run, for a request that is alone. ``texts``: vectors of
    the texts that it was asked for. The cache's lock guards all that is not the model's own.
    """

    reference: PackageReference
    admission: Admission
    pinned: bool = False
    held: int = 0
    last_used: float = field(default_factory=time.time)
    bytes: int = 0
    ready: threading.Event = field(default_factory=threading.Event)
    retired: bool = False
    closed: bool = False
    error: BackendError | None = None
    load_seconds: float = 0.0
    requests: int = 0
    loaded_model: LoadedModel | None = None
    wide_model: LoadedModel | None = None
    batcher: Batcher | None = None
    texts: TextCache = field(default_factory=TextCache)

    @property
    def model(self) -> LoadedModel:
        """The loaded model; only to be asked for while the entry is held and ready."""
        assert self.loaded_model is not None
        return self.loaded_model

    def choose(self, *, alone: bool) -> LoadedModel:
        """The model for a run: with all cores for a request that is alone."""
        return self.wide_model if alone and self.wide_model is not None else self.model

    @property
    def loaded(self) -> bool:
        """Whether the entry can run requests."""
        return self.ready.is_set() and self.loaded_model is not None and not self.retired

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


class ModelCache:
    """All models of one host, and those that left and are not closed yet. Thread-safe.

    ``changed`` guards the entries and is notified when one leaves or was closed. ``measuring`` is held while a model's
    size is measured and while another is closed: the one would hide the other.
    """

    def __init__(self, state_file: Path, queue_limit: int) -> None:
        """``state_file`` is for `SavedState`; ``queue_limit`` requests of one model may be inside at once."""
        self.saved_state = SavedState(state_file)
        self.changed = threading.Condition()
        self.measuring = threading.Lock()
        self.evictions = 0
        self._queue_limit = queue_limit
        self._entries: dict[str, Entry] = {}
        # Everything that may hold memory: the above, and what was retired and is not yet closed.
        self._charged: set[Entry] = set()
        self._leavers: queue.SimpleQueue[Entry] = queue.SimpleQueue()
        threading.Thread(target=self._close_leavers, name="closer", daemon=True).start()

    def enter(self, reference: PackageReference, *, pin: bool = False) -> tuple[Entry, bool]:
        """The package's entry, held from now on, and whether it was made just now and has to be loaded."""
        with self.changed:
            entry = self._entries.get(reference.key)
            is_new = entry is None
            if entry is None:
                entry = self._entries[reference.key] = Entry(reference, Admission(self._queue_limit))
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

    def settle(self, entry: Entry) -> None:
        """Let everybody know that it is loaded, or why it is not."""
        # Before anybody hears of it: what a caller knows to be loaded comes back after a crash.
        self._remember(and_also=entry)
        entry.ready.set()
        # It may have been unloaded, or everyone who waited may have left, while it was loading.
        self._close_idle([entry])

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
        self._close_idle(found)
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
        self._close_idle([victim])
        return True

    def dispose(self, entry: Entry) -> None:
        """Close what the entry has of a model, and give its memory back."""
        self._forget(entry)
        batcher, models = entry.batcher, [entry.loaded_model, entry.wide_model]
        entry.batcher = entry.loaded_model = entry.wide_model = None
        if batcher is not None:
            batcher.close()
        with self.measuring:
            while models:
                model = models.pop()
                with contextlib.suppress(Exception):
                    if model is not None:
                        model.close()
                del model
            give_back()
        with self.changed:
            entry.bytes = 0
            self._charged.discard(entry)
            self.changed.notify_all()

    def _close_idle(self, entries: Sequence[Entry]) -> None:
        """Close those that are due: retired, ready and held by nobody."""
        for entry in entries:
            with self.changed:
                due = entry.retired and not entry.held and not entry.closed and entry.ready.is_set()
                entry.closed = entry.closed or due
            if due:
                self.dispose(entry)
        self._remember()

    def _forget(self, entry: Entry) -> None:
        """Have new requests find another entry for the package."""
        with self.changed:
            if self._entries.get(entry.reference.key) is entry:
                del self._entries[entry.reference.key]
            self.changed.notify_all()

    def _remember(self, and_also: Entry | None = None) -> None:
        """Note what is loaded, for the host that comes after a crash."""
        entries = self.loaded()
        if and_also is not None and and_also.loaded_model is not None and not and_also.retired:
            entries.append(and_also)
        with contextlib.suppress(OSError):
            self.saved_state.write([(entry.reference, entry.pinned) for entry in entries])

    def _retire(self, entry: Entry) -> None:
        entry.pinned = False
        entry.retired = True
        self._forget(entry)

    def _close_leavers(self) -> None:
        while True:
            self._close_idle([self._leavers.get()])
