"""Networks of TensorFlow Lite in LiteRT, on the CPU."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np

from backends.errors import DeviceUnavailable, InferenceFailed, NetworkMismatch, PackageDamaged, RuntimeMissing
from backends.session import (
    Array,
    BatchPolicy,
    NetworkFiles,
    Session,
    SessionOptions,
    TensorSpec,
    check_tensors,
    closed,
)


class LiteRtSession(Session):
    """A file of TensorFlow Lite. Its memory for one run is part of it, so that runs take turns, of one image each.

    Sizes of inputs and outputs are those of the file. Outputs are in the family's order, as the file has no reliable
    one.
    """

    def __init__(self, files: NetworkFiles, options: SessionOptions) -> None:
        interpreters = _interpreters()
        if options.on_gpu:
            raise DeviceUnavailable("LiteRT runs on the CPU here.")
        path = files.directory / files.weights
        try:
            content = path.read_bytes()
        except OSError:
            raise PackageDamaged(f"The package has no readable {files.weights}.") from None
        try:
            # From memory: a file that is cut short while it is mapped would end the process.
            interpreter = interpreters.Interpreter(model_content=content, num_threads=options.threads or 1)
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError):
            raise PackageDamaged("LiteRT could not read the network: it is damaged, or of another kind.") from None
        self._lock = threading.Lock()
        self._interpreter: Any | None = interpreter
        self._bytes = len(content)
        self._inputs = {detail["name"]: detail["index"] for detail in interpreter.get_input_details()}
        outputs = {detail["name"]: detail for detail in interpreter.get_output_details()}
        names = files.output_names or tuple(outputs)
        if not set(names) <= outputs.keys():
            raise NetworkMismatch(f"The network has not the outputs {', '.join(names)}.")
        self._outputs = {name: outputs[name]["index"] for name in names}
        self.inputs = tuple(map(_spec, interpreter.get_input_details()))
        self.outputs = tuple(_spec(outputs[name]) for name in names)
        self.batch_policy = BatchPolicy.static(1)

    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        check_tensors(self.inputs, tensors)
        with self._lock:
            interpreter = self._interpreter
            if interpreter is None:
                raise closed()
            try:
                for name, tensor in tensors.items():
                    interpreter.set_tensor(self._inputs[name], np.ascontiguousarray(tensor))
                interpreter.invoke()
                # Copies: the next run writes into the same memory.
                return {name: interpreter.get_tensor(index) for name, index in self._outputs.items()}
            except (ValueError, RuntimeError):
                raise InferenceFailed("LiteRT failed while it ran the network.") from None

    def close(self) -> None:
        with self._lock:
            self._interpreter = None

    @property
    def memory_estimate(self) -> int:
        return 4 * self._bytes


def _interpreters() -> Any:
    try:
        return import_module("ai_edge_litert.interpreter")
    except ImportError:
        raise RuntimeMissing("LiteRT (ai-edge-litert) is not installed here.") from None


def _spec(detail: Mapping[str, Any]) -> TensorSpec:
    return TensorSpec(detail["name"], np.dtype(detail["dtype"]).name, tuple(int(side) for side in detail["shape"]))
