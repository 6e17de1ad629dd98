"""The one interface that all runtimes share: a network loaded on a device, which takes arrays and gives arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from backends.errors import BadTensor, ModelClosed

Array = npt.NDArray[Any]

DEFAULT_BATCH_LIMIT = 16
"""Images in one run when a network of dynamic batch size does not say how many it can take."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How to load a network on this machine.

    ``device``: "cpu", "cuda" or "cuda:1". ``providers``: ONNX Runtime's execution providers in order of preference,
    by name or as (name, options); None takes the one that fits the device. ``threads``: threads that one run may use;
    1 and parallel runs give the most throughput, more the best latency for one client; 0 lets the runtime choose.
    ``memory_limit``: bytes of device memory that the runtime may take, where it can be limited.
    ``cache_directory``: where compiled kernels may be kept between loads; None keeps none.
    ``trusted``: the package may run code of its own (a TensorRT engine that carries its runtime).
    ``rewriting``: whether a network that is prepared may be given an equal graph that the runtime is faster with.
    """

    device: str = "cpu"
    providers: tuple[str | tuple[str, Mapping[str, Any]], ...] | None = None
    threads: int = 1
    memory_limit: int | None = None
    cache_directory: Path | None = None
    trusted: bool = False
    rewriting: bool = True

    @property
    def device_index(self) -> int:
        """Number of the device among those of its kind: 1 for "cuda:1"."""
        _, _, index = self.device.partition(":")
        return int(index) if index.isdigit() else 0

    @property
    def on_gpu(self) -> bool:
        """Whether an NVIDIA GPU is meant."""
        return self.device.startswith("cuda")


DEFAULT_OPTIONS = SessionOptions()
"""One thread on the CPU."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """Name, NumPy data type and shape of an input or output; None in a shape is any size."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class BatchPolicy:
    """How many images one run takes: from ``minimum`` to ``maximum``, which are equal for a static batch."""

    minimum: int = 1
    maximum: int = DEFAULT_BATCH_LIMIT

    @classmethod
    def static(cls, size: int) -> BatchPolicy:
        """Exactly ``size`` images a run."""
        return cls(size, size)


@dataclass(frozen=True, slots=True)
class NetworkFiles:
    """What a session is loaded from.

    ``weights``: file name within the package. ``prepared``: a folder that `Session.prepare` filled here from the same
    files, to load from; ``prepared_name`` is what its files there are called, for packages of several networks.
    ``static_batch_size`` and ``max_dynamic_batch_size`` come from
    ``inference_config.json``; whether they count depends on the runtime. So does ``input_size``, the (height, width)
    there: only files that do not name their input's shape need it; ``dynamic_size`` says that others are taken too.
    ``output_names``: order in which the family wants the outputs, where the file itself has no reliable order; empty
    keeps the file's. ``build_module``: makes the network without its weights (a ``torch.nn.Module``), for files that
    hold nothing but weights; raises RuntimeMissing and PackageConfigInvalid.
    """

    directory: Path
    weights: str
    static_batch_size: int | None = None
    max_dynamic_batch_size: int | None = None
    input_size: tuple[int, int] | None = None
    dynamic_size: bool = False
    output_names: tuple[str, ...] = ()
    build_module: Callable[[], Any] | None = None
    prepared: Path | None = None
    prepared_name: str = "network"


class Session(ABC):
    """A network loaded on a device.

    Loading raises RuntimeMissing if the library is not installed, DeviceUnavailable if the device or provider cannot
    be used, PackageDamaged if the file is not what it should be, UnsupportedPackage if this version of the runtime
    cannot run it, OutOfMemory if it does not fit. `run` and `run_tensors` raise BadTensor for wrong arrays,
    OutOfMemory, InferenceFailed when the runtime fails, and ModelClosed after `close`.

    `run` may be called from several threads at once; runtimes that cannot do that take turns.
    """

    runs_code: ClassVar[bool] = False
    """Whether loading such files can run code that they bring along."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    batch_policy: BatchPolicy

    @abstractmethod
    def __init__(self, files: NetworkFiles, options: SessionOptions) -> None: ...

    @classmethod
    def prepare(cls, files: NetworkFiles, options: SessionOptions, target: Path) -> bool:
        """Write files into the folder ``target`` from which the network loads sooner on this very machine.

        False, and nothing written, where this runtime has no such files. Raises as loading does, and OSError.
        """
        return False

    @classmethod
    def preparation_settings(cls, options: SessionOptions) -> str:
        """What prepared files depend on beside the package, the machine and the runtime's version. RuntimeMissing."""
        return ""

    @abstractmethod
    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """One run on arrays by input name, of exactly the shapes that the network takes; outputs by name."""

    @abstractmethod
    def close(self) -> None:
        """Gives device memory back. A second call does nothing."""

    @property
    @abstractmethod
    def memory_estimate(self) -> int:
        """Bytes of device memory (host memory on a CPU) that the loaded network holds, as far as is known."""

    def run(self, batch: Array) -> list[Array]:
        """Runs any number of images, float32 (N, 3, height, width): outputs in order, each (N, ...).

        The batch is split and the last part filled up with zeros as the batch policy wants. Outputs are float32.
        """
        if batch.ndim < 1 or len(batch) == 0:
            raise BadTensor("A batch needs at least one image.")
        policy = self.batch_policy
        if policy.minimum <= len(batch) <= policy.maximum:
            return self._run_once(batch)
        parts = [
            self._run_part(batch[start : start + policy.maximum], policy.minimum)
            for start in range(0, len(batch), policy.maximum)
        ]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _run_part(self, part: Array, minimum: int) -> list[Array]:
        missing = minimum - len(part)
        if missing <= 0:
            return self._run_once(part)
        filled = np.concatenate((part, np.zeros((missing, *part.shape[1:]), dtype=part.dtype)))
        return [output[: len(part)] for output in self._run_once(filled)]

    def _run_once(self, batch: Array) -> list[Array]:
        first = self.inputs[0]
        tensor = batch.astype(first.dtype, copy=False)
        outputs = self.run_tensors({first.name: tensor})
        return [_as_float32(output) for output in outputs.values()]


def check_tensors(inputs: Sequence[TensorSpec], tensors: Mapping[str, Array]) -> None:
    """Raises BadTensor unless ``tensors`` has exactly the inputs' names, data types and possible shapes."""
    names = [spec.name for spec in inputs]
    if set(names) != set(tensors):
        raise BadTensor(f"The network's inputs are: {', '.join(names)}.")
    for spec in inputs:
        tensor = tensors[spec.name]
        if tensor.dtype != np.dtype(spec.dtype):
            raise BadTensor(f"Input {spec.name} must be of type {spec.dtype}, not {tensor.dtype}.")
        fits = tensor.ndim == len(spec.shape) and all(
            wanted is None or wanted == given for wanted, given in zip(spec.shape, tensor.shape, strict=True)
        )
        if not fits:
            shape = " x ".join("any" if side is None else str(side) for side in spec.shape)
            given = " x ".join(map(str, tensor.shape))
            raise BadTensor(f"Input {spec.name} must have the shape {shape}, not {given}.")


def closed() -> ModelClosed:
    """The error to raise when a session is used after it was closed."""
    return ModelClosed("The model was unloaded before the request could run.")


def _as_float32(array: Array) -> Array:
    return array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array
