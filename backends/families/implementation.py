"""The rows of the table of what this server can run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backends.families.family import Family
from backends.runtime import runtimes
from backends.session import Session
from negotiation.manifests import BACKENDS

CONFIG = ("class_names.txt", "inference_config.json")


@dataclass(frozen=True, slots=True)
class Implementation:
    """An architecture and task on a backend, as named in package metadata.

    ``weights``: file that the session is loaded from; ``text_weights``: of the network for texts, where there is one.
    ``other_files``: what else the package must have.
    ``supported_features``: model features that may be set; ``required_features``: that must be.
    """

    architecture: str
    task: str
    backend: str
    family: type[Family]
    session: type[Session]
    weights: str
    text_weights: str = ""
    other_files: tuple[str, ...] = ()
    supported_features: frozenset[str] = frozenset()
    required_features: frozenset[str] = frozenset()

    @property
    def files(self) -> tuple[str, ...]:
        """All files that a package must have."""
        return (self.weights, *filter(None, [self.text_weights]), *self.other_files)


def rows(
    family: type[Family],
    task: str,
    architectures: Iterable[str],
    backends: Iterable[str],
    *,
    files: tuple[str, ...] = CONFIG,
    weights: str = "",
    text_weights: str = "",
    features: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Implementation, ...]:
    """Each of the architectures on each of the backends and those that are like them, one class reading the outputs.

    ``files``: what a package must have beside what the runtime reads. ``weights``: file with the network, where it is
    not the backend's usual one; ``text_weights``: the one for texts. ``features``: by backend, the model features that
    a package may set.
    """
    known, features = runtimes(), features or {}
    wanted = {backend: backend for backend in backends}
    wanted |= {backend: runtime.like for backend, runtime in known.items() if runtime.like in wanted}
    return tuple(
        Implementation(
            architecture,
            task,
            backend,
            family,
            known[backend].session,
            weights or BACKENDS[backend].files[0],
            text_weights,
            (*files, *known[backend].other_files),
            features.get(like, frozenset()),
        )
        for architecture in architectures
        for backend, like in wanted.items()
    )
