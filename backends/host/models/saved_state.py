"""What is loaded and how large it was, in a file, so that a restarted host is soon as its predecessor was."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from backends.host.errors import ProtocolError
from backends.host.reference import PackageReference

SIZES_KEPT = 1000
LOADS_KEPT = 5


class Size(NamedTuple):
    """Memory in bytes: what a loaded model holds, working memory included, and the most while it is loaded."""

    loaded: int
    loading: int


class SavedState:
    """The file. Thread-safe; a damaged file counts as an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        content = self._load()
        self._models: list[Any] = content.get("models", [])
        self._sizes: dict[str, list[Size]] = content.get("sizes", {})

    def read(self) -> list[tuple[PackageReference, bool]]:
        """The models that the last host had loaded, and whether they were pinned."""
        found = []
        for model in self._models:
            with contextlib.suppress(ProtocolError, TypeError, KeyError):
                found.append((PackageReference.from_wire(model["package"]), bool(model["pinned"])))
        return found

    def size_of(self, key: str) -> Size | None:
        """What the package takes; None if it was never loaded.

        The median of the last loads: other requests allocate and free while one is measured.
        """
        with self._lock:
            sizes = self._sizes.get(key)
            if not sizes:
                return None
            return Size(*(statistics.median_high(values) for values in zip(*sizes, strict=True)))

    def learn(self, key: str, size: Size) -> None:
        """Note what a package took."""
        with self._lock:
            self._sizes[key] = [*self._sizes.pop(key, []), size][-LOADS_KEPT:]
            while len(self._sizes) > SIZES_KEPT:
                del self._sizes[next(iter(self._sizes))]

    def write(self, models: Sequence[tuple[PackageReference, bool]]) -> None:
        """Note what is loaded now."""
        with self._lock:
            self._models = [{"package": reference.to_wire(), "pinned": pinned} for reference, pinned in models]
            self._save()

    def remove(self) -> None:
        """Nothing is loaded any more; the sizes stay known."""
        self.write([])

    def _load(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_bytes())
            sizes = {
                str(key): [Size(int(loaded), int(loading)) for loaded, loading in values]
                for key, values in content["sizes"].items()
            }
            return {"models": list(content["models"]), "sizes": sizes}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def _save(self) -> None:
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        temporary.write_text(json.dumps({"models": self._models, "sizes": self._sizes}, allow_nan=False))
        os.replace(temporary, self._path)
