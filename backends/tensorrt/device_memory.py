"""Memory and a stream on an NVIDIA GPU, through PyTorch or PyCUDA, whichever is there.

TensorRT brings no way to reach the device's memory of its own. Both libraries use the device's primary context, so
that whatever else runs in the process shares it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from backends.errors import DeviceUnavailable, OutOfMemory, RuntimeMissing
from backends.session import Array

_NO_MEMORY = "There is not enough memory on the GPU."
_NO_DEVICE = "The GPU that was asked for cannot be used on this machine."


class DeviceMemory(ABC):
    """Named buffers on one device, and one stream. Not for several threads at once."""

    @property
    @abstractmethod
    def stream(self) -> int:
        """Handle of the CUDA stream on which all copies and runs are queued."""

    @abstractmethod
    def reserve(self, name: str, size: int) -> int:
        """Address of a buffer of at least ``size`` bytes. It stays until a larger one of this name is reserved.

        Raises OutOfMemory.
        """

    @abstractmethod
    def upload(self, name: str, array: Array) -> None:
        """Queues a copy of a contiguous array into a reserved buffer. The array must live until `synchronize`."""

    @abstractmethod
    def download(self, name: str, array: Array) -> None:
        """Queues a copy from a buffer into a contiguous array, which is filled after `synchronize`."""

    @abstractmethod
    def synchronize(self) -> None:
        """Waits for all that was queued."""

    @abstractmethod
    def enter(self) -> None:
        """Makes the device current in this thread; called before anything else in each run."""

    @abstractmethod
    def leave(self) -> None:
        """Undoes `enter`."""

    @abstractmethod
    def close(self) -> None:
        """Frees all buffers."""


def open_device_memory(device_index: int) -> DeviceMemory:
    """Memory of the GPU with this number, through PyTorch if it is installed with CUDA, else through PyCUDA.

    Raises RuntimeMissing if neither is installed, DeviceUnavailable if there is no such GPU.
    """
    try:
        import torch
    except ImportError:
        torch = None
    if torch is not None and torch.version.cuda is not None:
        return TorchMemory(torch, device_index)
    try:
        import pycuda.driver
    except ImportError:
        raise RuntimeMissing("TensorRT needs PyTorch with CUDA or PyCUDA, and neither is installed here.") from None
    return PycudaMemory(pycuda.driver, device_index)


class TorchMemory(DeviceMemory):
    """Buffers from PyTorch's caching allocator."""

    def __init__(self, torch: Any, device_index: int) -> None:
        if not torch.cuda.is_available() or device_index >= torch.cuda.device_count():
            raise DeviceUnavailable(_NO_DEVICE)
        self._torch = torch
        self._device = torch.device("cuda", device_index)
        self._stream = torch.cuda.Stream(self._device)
        self._buffers: dict[str, Any] = {}
        self._guard: Any = None

    @property
    def stream(self) -> int:
        return int(self._stream.cuda_stream)

    def reserve(self, name: str, size: int) -> int:
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < size:
            self._buffers.pop(name, None)
            try:
                buffer = self._torch.empty(size, dtype=self._torch.uint8, device=self._device)
            except self._torch.cuda.OutOfMemoryError:
                raise OutOfMemory(_NO_MEMORY) from None
            self._buffers[name] = buffer
        return int(buffer.data_ptr())

    def upload(self, name: str, array: Array) -> None:
        source = self._torch.from_numpy(array.reshape(-1).view(np.uint8))
        self._buffers[name][: source.numel()].copy_(source, non_blocking=True)

    def download(self, name: str, array: Array) -> None:
        target = self._torch.from_numpy(array.reshape(-1).view(np.uint8))
        target.copy_(self._buffers[name][: target.numel()], non_blocking=True)

    def synchronize(self) -> None:
        self._stream.synchronize()

    def enter(self) -> None:
        self._guard = self._torch.cuda.stream(self._stream)
        self._guard.__enter__()

    def leave(self) -> None:
        self._guard.__exit__(None, None, None)
        self._guard = None

    def close(self) -> None:
        self._buffers.clear()
        self._torch.cuda.empty_cache()


class PycudaMemory(DeviceMemory):
    """Buffers from the CUDA driver through PyCUDA."""

    def __init__(self, driver: Any, device_index: int) -> None:
        self._driver = driver
        try:
            driver.init()
            self._context = driver.Device(device_index).retain_primary_context()
            self.enter()
            try:
                self._stream = driver.Stream()
            finally:
                self.leave()
        except driver.Error:
            raise DeviceUnavailable(_NO_DEVICE) from None
        self._buffers: dict[str, tuple[Any, int]] = {}

    @property
    def stream(self) -> int:
        return int(self._stream.handle)

    def reserve(self, name: str, size: int) -> int:
        buffer, capacity = self._buffers.get(name, (None, 0))
        if buffer is None or capacity < size:
            # Freed before the larger one is asked for: the two may not fit together.
            self._buffers.pop(name, None)
            buffer = None
            try:
                buffer = self._driver.mem_alloc(size)
            except self._driver.MemoryError:
                raise OutOfMemory(_NO_MEMORY) from None
            self._buffers[name] = (buffer, size)
        return int(buffer)

    def upload(self, name: str, array: Array) -> None:
        self._driver.memcpy_htod_async(self._buffers[name][0], array, self._stream)

    def download(self, name: str, array: Array) -> None:
        self._driver.memcpy_dtoh_async(array, self._buffers[name][0], self._stream)

    def synchronize(self) -> None:
        self._stream.synchronize()

    def enter(self) -> None:
        self._context.push()

    def leave(self) -> None:
        self._driver.Context.pop()

    def close(self) -> None:
        self.enter()
        try:
            self._buffers.clear()
        finally:
            self.leave()
