"""Networks in TorchScript, run by PyTorch on the CPU or a GPU."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.errors import BackendError, PackageConfigInvalid, PackageDamaged
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
from backends.torch.library import import_torch, load_error, run_error, tensors_in

_INPUT = "images"
# Loading changes a registry that all archives of the process share, without a lock of its own.
_LOADING = threading.Lock()


class TorchScriptSession(Session):
    """A TorchScript archive in PyTorch. Runs take turns: traced modules may keep state between calls.

    The archive does not name its input's shape, so ``forward_pass.static_batch_size`` must be set, and a network of
    another size than ``training_input_size`` fails in its first run (`load` makes one).
    """

    runs_code = True

    def __init__(self, files: NetworkFiles, options: SessionOptions) -> None:
        torch = import_torch(options)
        if files.static_batch_size is None:
            raise PackageConfigInvalid(
                "inference_config.json: forward_pass.static_batch_size must be set for TorchScript."
            )
        path = files.directory / files.weights
        if not path.is_file():
            raise PackageDamaged(f"The package has no file {files.weights}.")
        if not zipfile.is_zipfile(path):
            raise PackageDamaged("The TorchScript archive is damaged or not an archive.")
        self._torch = torch
        self._device = torch.device(options.device)
        self._turn = threading.Lock()
        if options.threads and not options.on_gpu:
            torch.set_num_threads(options.threads)
        try:
            with _LOADING:
                module = torch.jit.load(str(path), map_location=self._device).eval()
        except Exception as error:
            raise load_error(error, "The TorchScript archive could not be loaded.") from None
        self._module: Any | None = module
        height, width = files.input_size or (None, None)
        self.batch_policy = BatchPolicy.static(files.static_batch_size)
        self.inputs = (TensorSpec(_INPUT, "float32", (files.static_batch_size, 3, height, width)),)
        # Tensors of half the precision come in as float32 and are narrowed on the device.
        self._dtype = next((item.dtype for item in module.parameters()), torch.float32)
        self._weight_bytes: int = sum(item.numel() * item.element_size() for item in module.parameters())
        self._weight_bytes += sum(item.numel() * item.element_size() for item in module.buffers())
        side = height or 64, width or 64
        outputs = self._forward(np.zeros((files.static_batch_size, 3, *side), dtype=np.float32))
        self.outputs = tuple(
            TensorSpec(f"output{index}", str(output.dtype), (output.shape[0], *[None] * (output.ndim - 1)))
            for index, output in enumerate(outputs)
        )

    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        check_tensors(self.inputs, tensors)
        outputs = self._forward(tensors[_INPUT])
        return {spec.name: output for spec, output in zip(self.outputs, outputs, strict=True)}

    def close(self) -> None:
        with self._turn:
            self._module = None
        if self._device.type == "cuda":
            self._torch.cuda.empty_cache()

    @property
    def memory_estimate(self) -> int:
        pixels = int(np.prod([side or 1 for side in self.inputs[0].shape]))
        return self._weight_bytes + 32 * 4 * pixels

    def _forward(self, batch: Array) -> list[Array]:
        torch = self._torch
        try:
            with self._turn, torch.inference_mode():
                if self._module is None:
                    raise closed()
                tensor = torch.from_numpy(np.ascontiguousarray(batch)).to(self._device)
                if self._dtype == torch.float16:
                    tensor = tensor.half()
                result = self._module(tensor)
                tensors = list(tensors_in(torch, result))
                return [item.float().cpu().numpy() for item in tensors]
        except BackendError:
            raise
        except Exception as error:
            raise run_error(error) from None
