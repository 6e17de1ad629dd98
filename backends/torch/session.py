"""Networks that a family builds and a file of weights fills, run by PyTorch on the CPU or a GPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.errors import BackendError, InferenceFailed, PackageDamaged, UnsupportedPackage
from backends.memory import trim
from backends.session import (
    DEFAULT_BATCH_LIMIT,
    Array,
    BatchPolicy,
    NetworkFiles,
    Session,
    SessionOptions,
    TensorSpec,
    check_tensors,
    closed,
)
from backends.torch.library import (
    import_torch,
    load_error,
    read_state_dict,
    run_error,
    tensors_in,
)

_INPUT = "images"
_PROBE_SIDE = 64


class TorchSession(Session):
    """Weights in PyTorch. Runs from several threads go in parallel: in evaluation a module keeps no state.

    The file is read as weights and nothing else, and must have exactly the tensors of the module that
    ``files.build_module`` makes. Loading runs the network once, on an empty image.
    """

    def __init__(self, files: NetworkFiles, options: SessionOptions) -> None:
        torch = import_torch(options)
        path = files.directory / files.weights
        if not path.is_file():
            raise PackageDamaged(f"The package has no file {files.weights}.")
        if files.build_module is None:
            raise UnsupportedPackage("This server cannot build the network for the weights of this package.")
        self._torch = torch
        self._device = torch.device(options.device)
        self._threads = 0 if options.on_gpu else options.threads
        module = _build(files.build_module, read_state_dict(torch, path))
        try:
            self._module: Any | None = module.eval().requires_grad_(False).to(self._device)
        except Exception as error:
            raise load_error(error, "The network could not be moved to its device.") from None
        # The weights were in memory twice; a package is charged with what it keeps.
        trim()
        tensors = [*module.parameters(), *module.buffers()]
        self._weight_bytes: int = sum(item.numel() * item.element_size() for item in tensors)
        self.batch_policy = BatchPolicy(1, files.max_dynamic_batch_size or DEFAULT_BATCH_LIMIT)
        height, width = files.input_size or (None, None)
        sides = (None, None) if files.dynamic_size else (height, width)
        self.inputs = (TensorSpec(_INPUT, "float32", (None, 3, *sides)),)
        probe = np.zeros((1, 3, height or _PROBE_SIDE, width or _PROBE_SIDE), dtype=np.float32)
        try:
            outputs = self._forward(probe)
        except InferenceFailed:
            raise PackageDamaged("The network does not run at the input size that the package names.") from None
        self.outputs = tuple(
            TensorSpec(f"output{index}", str(output.dtype), (None, *_sides(output, files.dynamic_size)))
            for index, output in enumerate(outputs)
        )

    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        check_tensors(self.inputs, tensors)
        outputs = self._forward(tensors[_INPUT])
        return {spec.name: output for spec, output in zip(self.outputs, outputs, strict=True)}

    def close(self) -> None:
        self._module = None
        if self._device.type == "cuda":
            self._torch.cuda.empty_cache()

    @property
    def memory_estimate(self) -> int:
        if self._module is None:
            return 0
        pixels = int(np.prod([side or 1 for side in self.inputs[0].shape]))
        return self._weight_bytes + 32 * 4 * pixels

    def _forward(self, batch: Array) -> list[Array]:
        torch, module = self._torch, self._module
        if module is None:
            raise closed()
        # The number belongs to the thread that asks, and each session may want another; setting it has a price.
        if self._threads and torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                answer = module(torch.from_numpy(np.ascontiguousarray(batch)).to(self._device))
                return [item.float().cpu().numpy() for item in tensors_in(torch, answer)]
        except Exception as error:
            raise run_error(error) from None


def _build(build_module: Any, weights: dict[str, Any]) -> Any:
    try:
        module = build_module()
        module.load_state_dict(weights, strict=True)
    except BackendError:
        raise
    except Exception as error:
        raise load_error(error, "The weights do not fit the network that the package names.") from None
    return module


def _sides(output: Array, dynamic: bool) -> tuple[int | None, ...]:
    """Sides of an output after the batch; of networks of any size only vectors keep theirs."""
    return tuple(None if dynamic and output.ndim > 2 else side for side in output.shape[1:])
