"""What is loaded and how large it was, in a file, so that a restarted host is soon as its predecessor was."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backends.errors import ProtocolError
from backends.package_reference import PackageReference

SIZES_KEPT = 1000
LOADS_KEPT = 5


class SavedState:
    """The file. Thread-safe; a damaged file counts as an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._models: list[Any] = []
        self._sizes: dict[str, list[int]] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            content = json.loads(path.read_bytes())
            models = list(content["models"])
            self._sizes = {str(key): [int(size) for size in sizes] for key, sizes in content["sizes"].items()}
            self._models = models

    def read(self) -> list[tuple[PackageReference, bool]]:
        """The models that the last host had loaded, and whether they were pinned."""
        found = []
        for model in self._models:
            with contextlib.suppress(ProtocolError, TypeError, KeyError):
                found.append((PackageReference.from_wire(model["package"]), bool(model["pinned"])))
        return found

    def size_of(self, key: str) -> int | None:
        """Bytes that the loaded package holds, working memory included; None if it was never loaded.

        The median of the last loads: other requests allocate and free while one is measured.
        """
        with self._lock:
            sizes = self._sizes.get(key)
            return statistics.median_high(sizes) if sizes else None

    def learn(self, key: str, size: int) -> None:
        """Note what a package took."""
        with self._lock:
            self._sizes[key] = [*self._sizes.pop(key, []), size][-LOADS_KEPT:]
            while len(self._sizes) > SIZES_KEPT:
                del self._sizes[next(iter(self._sizes))]

    def write(self, models: Sequence[tuple[PackageReference, bool]]) -> None:
        """Note what is loaded now."""
        with self._lock:
            self._models = [{"package": reference.to_wire(), "pinned": pinned} for reference, pinned in models]
            temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            temporary.write_text(json.dumps({"models": self._models, "sizes": self._sizes}, allow_nan=False))
            os.replace(temporary, self._path)
