"""Memory: how much a process or a device uses, and how the C library gives back what it keeps for later.

On an NVIDIA GPU the measure is the used memory of the device as its management library (NVML) reports it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
from pathlib import Path
from typing import Protocol

PAGE = os.sysconf("SC_PAGE_SIZE")


def anonymous_memory(pid: int | str = "self") -> int:
    """Bytes of a process that no file backs, or only one in memory; 0 when there is no such process.

    Pages of mapped files, such as the weights of prepared networks, are shared and can be read again: the resident
    memory has them too, and is no measure of what a process takes from others.
    """
    try:
        # Not a Path, which takes twice as long: this is asked up to fifty times a second.
        with open(f"/proc/{pid}/status", "rb", buffering=0) as file:
            status = file.read()
        return 1024 * sum(int(status.partition(name)[2].split(None, 1)[0]) for name in (b"RssAnon:", b"RssShmem:"))
    except (OSError, ValueError, IndexError):
        return 0


def trim() -> None:
    """Let the allocator drop its free pages. Other threads may run meanwhile."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def give_back() -> None:
    """Return freed memory to the system: collect cycles, then let the allocator drop its free pages."""
    gc.collect()
    trim()


class Meter(Protocol):
    """How much memory is in use on a device, in bytes."""

    def used(self) -> int:
        """What is used now."""
        ...

    def total(self) -> int:
        """What the device has."""
        ...


class ProcessMeter:
    """Anonymous memory of this process."""

    def used(self) -> int:
        return anonymous_memory()

    def total(self) -> int:
        total = PAGE * os.sysconf("SC_PHYS_PAGES")
        # A container may have less than the machine.
        for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                total = min(total, int(Path(limit).read_text()))
        return total


class _NvmlMemory(ctypes.Structure):
    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


class DeviceMeter:
    """Used memory of one NVIDIA GPU. Raises OSError if there is no NVML or no such device.

    The whole device is measured, not this process: inside a container NVML cannot tell whose memory it is.
    A model host is meant to have its device to itself; what others use at its start counts as its base.
    """

    def __init__(self, index: int) -> None:
        self._library = ctypes.CDLL("libnvidia-ml.so.1")
        self._handle = ctypes.c_void_p()
        if self._library.nvmlInit_v2() or self._library.nvmlDeviceGetHandleByIndex_v2(
            ctypes.c_uint(index), ctypes.byref(self._handle)
        ):
            raise OSError("the management library knows no such device")

    def _read(self) -> _NvmlMemory:
        memory = _NvmlMemory()
        if self._library.nvmlDeviceGetMemoryInfo(self._handle, ctypes.byref(memory)):
            raise OSError("the management library does not answer")
        return memory

    def used(self) -> int:
        return int(self._read().used)

    def total(self) -> int:
        return int(self._read().total)


def meter_for(device: str) -> Meter:
    """The meter for a device name such as ``cpu`` or ``cuda:1``; a GPU without NVML is measured as a CPU."""
    kind, _, index = device.lower().partition(":")
    if kind == "cuda":
        with contextlib.suppress(OSError):
            return DeviceMeter(int(index or 0))
    return ProcessMeter()
