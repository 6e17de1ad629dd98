"""One row of the table of what this server can run."""

from __future__ import annotations

from dataclasses import dataclass

from backends.families.family import Family
from backends.session import Session


@dataclass(frozen=True, slots=True)
class Implementation:
    """An architecture and task on a backend, as named in package metadata.

    ``weights``: file that the session is loaded from. ``other_files``: what else the package must have.
    ``supported_features``: model features that may be set; ``required_features``: that must be.
    """

    architecture: str
    task: str
    backend: str
    family: type[Family]
    session: type[Session]
    weights: str
    other_files: tuple[str, ...] = ()
    supported_features: frozenset[str] = frozenset()
    required_features: frozenset[str] = frozenset()

    @property
    def files(self) -> tuple[str, ...]:
        """All files that a package must have."""
        return (self.weights, *self.other_files)
