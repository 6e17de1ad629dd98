"""Measuring and returning memory, and the ledger of who holds how much of the budget.

On a CPU the measure is the anonymous memory of the host process, on an NVIDIA GPU the used memory of the
device as its management library (NVML) reports it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
from pathlib import Path
from typing import Protocol

from backends.memory import PAGE, anonymous_memory, trim

MEBIBYTE = 1024 * 1024
_STATUS = ("VmHWM", "RssFile", "RssShmem")


class Meter(Protocol):
    """How much memory is in use on the host's device, in bytes."""

    def used(self) -> int:
        """What is used now."""
        ...

    def held(self) -> int:
        """What was allocated and not freed, which on a CPU is less than ``used()``: an allocator keeps free pages.

        Where that cannot be known it is ``used()``. Only differences mean anything.
        """
        ...

    def total(self) -> int:
        """What the device has."""
        ...

    def reset_peak(self) -> None:
        """Forget the peak."""
        ...

    def peak(self) -> int:
        """The most that was used since the last reset, as far as it can be known; at least ``used()``."""
        ...


class _MallocInfo(ctypes.Structure):
    """`struct mallinfo2` of glibc 2.33 and later; ``uordblks`` is in use in the heap, ``hblkhd`` in mappings."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    ]  # fmt: skip


def _mallinfo2() -> _MallocInfo:
    function = ctypes.CDLL(None).mallinfo2
    function.restype = _MallocInfo
    info: _MallocInfo = function()
    return info


class ProcessMeter:
    """Anonymous memory of this process. The kernel keeps the peak and lets us reset it."""

    def used(self) -> int:
        return anonymous_memory()

    def held(self) -> int:
        try:
            info = _mallinfo2()
        except AttributeError:
            return self.used()
        return int(info.uordblks + info.hblkhd)

    def total(self) -> int:
        total = PAGE * os.sysconf("SC_PHYS_PAGES")
        # A container may have less than the machine.
        for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                total = min(total, int(Path(limit).read_text()))
        return total

    def reset_peak(self) -> None:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")

    def peak(self) -> int:
        with contextlib.suppress(OSError, ValueError, IndexError, KeyError):
            lines = Path("/proc/self/status").read_text().splitlines()
            sizes = {name: int(line.split()[1]) * 1024 for line in lines if (name := line.split(":")[0]) in _STATUS}
            # The kernel's peak is of the resident memory, which has pages of mapped files too.
            return max(sizes["VmHWM"] - sizes["RssFile"] - sizes["RssShmem"], self.used())
        return self.used()


class _NvmlMemory(ctypes.Structure):
    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


class DeviceMeter:
    """Used memory of one NVIDIA GPU. Raises OSError if there is no NVML or no such device.

    The whole device is measured, not this process: inside a container NVML cannot tell whose memory it is.
    The host is meant to have its device to itself; what others use at its start counts as its base.
    """

    def __init__(self, index: int) -> None:
        self._library = ctypes.CDLL("libnvidia-ml.so.1")
        self._handle = ctypes.c_void_p()
        if self._library.nvmlInit_v2() or self._library.nvmlDeviceGetHandleByIndex_v2(
            ctypes.c_uint(index), ctypes.byref(self._handle)
        ):
            raise OSError("the management library knows no such device")
        self._peak = 0

    def _read(self) -> _NvmlMemory:
        memory = _NvmlMemory()
        if self._library.nvmlDeviceGetMemoryInfo(self._handle, ctypes.byref(memory)):
            raise OSError("the management library does not answer")
        self._peak = max(self._peak, memory.used)
        return memory

    def used(self) -> int:
        return int(self._read().used)

    def held(self) -> int:
        return self.used()

    def total(self) -> int:
        return int(self._read().total)

    def reset_peak(self) -> None:
        self._peak = 0

    def peak(self) -> int:
        self._read()
        return self._peak


def meter_for(device: str) -> Meter:
    """The meter for a device name such as ``cpu`` or ``cuda:1``; a GPU without NVML is measured as a CPU."""
    kind, _, index = device.lower().partition(":")
    if kind == "cuda":
        with contextlib.suppress(OSError):
            return DeviceMeter(int(index or 0))
    return ProcessMeter()


def give_back() -> None:
    """Return freed memory to the system: collect cycles, then let the allocator drop its free pages."""
    gc.collect()
    trim()


def weight_of(directory: Path) -> int:
    """The bytes of all files of a package."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def first_guess(directory: Path, copies: int) -> int:
    """What a package may need that was never loaded here: its weights, their copies, and working memory.

    ``copies`` is the number of sessions. Deliberately high: a guess that is too high evicts one model too
    many, once; a guess that is too low passes the budget. After the first load the measured size is used.
    """
    return weight_of(directory) * (1 + 2 * copies) + 64 * MEBIBYTE
