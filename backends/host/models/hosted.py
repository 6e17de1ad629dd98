"""What the host asks of a model: the stages of a request, one after the other.

The host knows nothing of architectures. ``backends.host.models.loading`` gives it real packages in this shape, tests
give it models that sleep, crash or hoard memory.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy.typing as npt

from backends.host.reference import PackageReference

Tensor = npt.NDArray[Any]


class OpenedImage(Protocol):
    """An encoded picture, known well enough to say what it costs to work on it."""

    @property
    def working_memory(self) -> int:
        """About how many bytes a request for it needs beside the model's own."""
        ...

    @property
    def is_heavy(self) -> bool:
        """Whether to decode it takes long, and not the thread that asks for it."""
        ...


class HostedModel(Protocol):
    """One loaded model. All methods but ``close`` may be called by several threads at once.

    Every method may raise a BackendError, which reaches the caller as it is; any other exception reaches it as
    a fault of the host.
    """

    @property
    def class_names(self) -> Sequence[str]:
        """The names of the classes, or nothing for models without classes."""
        ...

    @property
    def input_size(self) -> tuple[int, int] | None:
        """(height, width) of the network's input in pixels, if it is fixed."""
        ...

    @property
    def batch_limit(self) -> int | None:
        """The most images in one run; None when there is no limit."""
        ...

    @property
    def static_batch(self) -> int | None:
        """How many images every run takes, if the network is fixed in this."""
        ...

    def read_parameters(self, parameters: Mapping[str, Any]) -> Any:
        """The request's parameters, checked, as the other stages want them. Raises BadParameter."""
        ...

    def open_picture(self, data: memoryview) -> OpenedImage:
        """An encoded picture whose header was looked at; nothing is decoded yet. Raises BadImage and its kinds."""
        ...

    def decode(self, picture: Any, parameters: Any, deadline: float) -> Any:
        """A picture that ``open_picture`` gave, as an array. Raises BadImage and its kinds.

        ``deadline`` is a time of ``time.monotonic()``, at which a TimeoutError is raised.
        """
        ...

    def preprocess(self, image: Any, parameters: Any) -> Any:
        """The picture as the network wants it, with whatever ``postprocess`` needs to know about it."""
        ...

    def batch_key(self, prepared: Any) -> Hashable:
        """Equal for pictures that fit into one batch."""
        ...

    def run(self, batch: Sequence[Any]) -> Sequence[Any]:
        """The network's raw answers to prepared pictures that have the same batch key, in their order."""
        ...

    def postprocess(self, raw: Any, prepared: Any, parameters: Any) -> Any:
        """The prediction for one picture, as plain values for JSON (arrays and bytes are allowed too)."""
        ...

    def run_tensors(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The network's named outputs for named inputs, without any processing. Raises BadTensor."""
        ...

    def warm_up(self) -> None:
        """Run once with made-up input of the largest batch."""
        ...

    def close(self) -> None:
        """Give up all memory. Called once, when no other call is in progress."""
        ...


@dataclass(frozen=True, slots=True)
class PreparedPackage:
    """A package that ran here. ``folder`` has what to load it from, None if it is loaded as it is.

    ``working_bytes``: memory that one run takes beside what the loaded package has.
    """

    folder: Path | None = None
    working_bytes: int = 0


class Loader(Protocol):
    """How a package becomes a model. Made with the host's settings, while the host has one thread. Thread-safe."""

    def prepared(self, reference: PackageReference, memory: int) -> AbstractContextManager[PreparedPackage]:
        """The package, prepared for this machine now or before, for as long as it takes to open it.

        Whoever prepares it has ``memory`` bytes, or a little more. Raises PackageBlocked if the package ended whoever
        prepared it, HostBusy where nobody can, and any other BackendError where it cannot be loaded.
        """
        ...

    def open(
        self, reference: PackageReference, prepared: PreparedPackage, *, device: str, threads: Sequence[int]
    ) -> Sequence[HostedModel]:
        """Load the package for ``device``, once for each number of CPU threads that a run may use.

        Raises BackendError; then nothing of it is left in memory.
        """
        ...
