"""What is loaded and how large it was, in a file, so that a restarted host is soon as its predecessor was."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backends.host.errors import ProtocolError
from backends.host.reference import PackageReference

SIZES_KEPT = 1000


class Residents:
    """The file. Thread-safe; a damaged file counts as an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        content = self._load()
        self._models: list[Any] = content.get("models", [])
        self._sizes: dict[str, int] = content.get("sizes", {})

    def read(self) -> list[tuple[PackageReference, bool]]:
        """The models that the last host had loaded, and whether they were pinned."""
        found = []
        for model in self._models:
            with contextlib.suppress(ProtocolError, TypeError, KeyError):
                found.append((PackageReference.from_wire(model["package"]), bool(model["pinned"])))
        return found

    def size_of(self, key: str) -> int:
        """The most memory that the package took while it was loaded, in bytes; 0 if it never was."""
        return int(self._sizes.get(key, 0))

    def learn(self, key: str, size: int) -> None:
        """Note the memory that a package took."""
        with self._lock:
            self._sizes.pop(key, None)
            self._sizes[key] = size
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
            sizes = {str(key): int(size) for key, size in content["sizes"].items()}
            return {"models": list(content["models"]), "sizes": sizes}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def _save(self) -> None:
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        temporary.write_text(json.dumps({"models": self._models, "sizes": self._sizes}))
        os.replace(temporary, self._path)
