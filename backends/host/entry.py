"""One package in the store, from the first request for it until its memory is given back."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from backends.errors import BackendError
from backends.host.batcher import Batcher
from backends.host.hosted import HostedModel
from backends.host.reference import PackageReference
from backends.host.slots import Admission


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
