"""What is tried, and within which limits; one description for both sides of the pipe."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from backends.session import SessionOptions

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A package whose verified files lie in ``directory`` under their handles.

    ``features``: names of the model features that its metadata set. ``trusted``: somebody vouched for it, so that it
    may run code of its own. ``device``, ``providers`` (as JSON has them) and ``rewriting``: as in `SessionOptions`.
    ``examined``: whether its answers are looked at too, and not only whether it answers.
    """

    directory: Path
    architecture: str
    task: str
    backend: str
    features: Collection[str] = ()
    trusted: bool = False
    device: str = "cpu"
    providers: Sequence[Any] | None = None
    rewriting: bool = True
    examined: bool = True

    def at(self, directory: Path) -> TrialRequest:
        """The same package, its files in ``directory``."""
        return replace(self, directory=directory)

    def session_options(self) -> SessionOptions:
        """How to load it. Raises TypeError, ValueError, IndexError and KeyError for providers that are none."""
        return SessionOptions(
            device=self.device,
            providers=tuple(item if isinstance(item, str) else (str(item[0]), dict(item[1])) for item in self.providers)
            if self.providers
            else None,
            threads=1,
            trusted=self.trusted,
            rewriting=self.rewriting,
        )

    def to_json(self) -> dict[str, Any]:
        """For the child."""
        return {**asdict(self), "directory": str(self.directory), "features": sorted(self.features)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TrialRequest:
        """What `to_json` made."""
        return cls(**{**document, "directory": Path(document["directory"])})


@dataclass(frozen=True, slots=True)
class TrialLimits:
    """``seconds`` by the clock for everything, and ``memory_bytes`` for what the package adds to an empty child.

    ``python``: the interpreter of the child, which decides which runtimes there are.
    """

    seconds: float = 60.0
    memory_bytes: int = 4096 * MEBIBYTE
    python: str = sys.executable

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)
