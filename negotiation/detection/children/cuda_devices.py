"""Print the devices that CUDA offers, as torch would name and count them, without loading torch.

Output: ``{"devices": [{"name": str, "compute_capability": "8.6"}], "error": int}``; ``devices`` is null where
the driver's library is not there, ``error`` is the driver's ``CUresult`` (0 = success). The order is the CUDA
index order, with ``CUDA_VISIBLE_DEVICES`` and ``CUDA_DEVICE_ORDER`` already applied by the driver itself.
Source: CUDA Driver API reference, "Initialization" and "Device Management".
"""

from __future__ import annotations

import ctypes
import json
import sys

NO_DEVICE = 100
COMPUTE_CAPABILITY_MAJOR = 75
COMPUTE_CAPABILITY_MINOR = 76
LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


class DriverError(Exception):
    """The driver answered with a ``CUresult`` other than success."""

    def __init__(self, result: int) -> None:
        super().__init__(result)
        self.result = result


def check(result: int) -> None:
    if result != 0:
        raise DriverError(result)


def list_devices(driver: ctypes.CDLL) -> list[dict[str, str]]:
    # Initialisation alone makes no context: no device memory is taken.
    check(driver.cuInit(0))
    count = ctypes.c_int()
    check(driver.cuDeviceGetCount(ctypes.byref(count)))
    return [describe(driver, index) for index in range(count.value)]


def describe(driver: ctypes.CDLL, index: int) -> dict[str, str]:
    device = ctypes.c_int()
    check(driver.cuDeviceGet(ctypes.byref(device), index))
    name = ctypes.create_string_buffer(256)
    check(driver.cuDeviceGetName(name, len(name), device))
    major, minor = ctypes.c_int(), ctypes.c_int()
    check(driver.cuDeviceGetAttribute(ctypes.byref(major), COMPUTE_CAPABILITY_MAJOR, device))
    check(driver.cuDeviceGetAttribute(ctypes.byref(minor), COMPUTE_CAPABILITY_MINOR, device))
    return {
        "name": name.value.decode(errors="replace"),
        "compute_capability": f"{major.value}.{minor.value}",
    }


def main() -> None:
    try:
        driver = ctypes.CDLL(LIBRARY)
    except OSError:
        print(json.dumps({"devices": None, "error": 0}))
        return
    try:
        print(json.dumps({"devices": list_devices(driver), "error": 0}, allow_nan=False))
    except DriverError as error:
        hidden_or_absent = error.result == NO_DEVICE
        print(json.dumps({"devices": [] if hidden_or_absent else None, "error": error.result}))


if __name__ == "__main__":
    main()
