"""The rows of the table of what this server can run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from backends.families.family import Family
from backends.onnx import OnnxSession
from backends.session import Session
from backends.tensorrt import TensorRtSession
from backends.torch import TorchSession
from backends.torchscript import TorchScriptSession


class Runtime(NamedTuple):
    """What runs a backend's packages: the class, the file it loads, and what else it reads."""

    session: type[Session]
    weights: str
    other_files: tuple[str, ...] = ()


RUNTIMES = {
    "onnx": Runtime(OnnxSession, "weights.onnx"),
    "torch": Runtime(TorchSession, "weights.pth"),
    "torch-script": Runtime(TorchScriptSession, "weights.torchscript"),
    "trt": Runtime(TensorRtSession, "engine.plan", ("trt_config.json",)),
}
CONFIG = ("class_names.txt", "inference_config.json")


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


def rows(
    family: type[Family],
    task: str,
    architectures: Iterable[str],
    backends: Iterable[str],
    *,
    files: tuple[str, ...] = CONFIG,
    features: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Implementation, ...]:
    """Each of the architectures on each of the backends, the same class reading the outputs.

    ``files``: what a package must have beside what the runtime reads. ``features``: by backend, the model features that
    a package may set.
    """
    return tuple(
        Implementation(
            architecture,
            task,
            backend,
            family,
            RUNTIMES[backend].session,
            RUNTIMES[backend].weights,
            (*files, *RUNTIMES[backend].other_files),
            (features or {}).get(backend, frozenset()),
        )
        for architecture in architectures
        for backend in backends
    )
