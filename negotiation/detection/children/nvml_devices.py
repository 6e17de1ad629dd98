"""Print the NVIDIA devices of this machine as the management library (NVML) lists them.

Output: ``{"devices": [{"name": str, "compute_capability": "8.6"}], "error": null}``; ``devices`` is null
where NVML or its Python binding is not there, ``error`` is what NVML answered. The order is that of the PCI
bus and ``CUDA_VISIBLE_DEVICES`` is not applied. Identifiers of the devices are not asked for.
"""

from __future__ import annotations

import json
from typing import Any


def list_devices(pynvml: Any) -> list[dict[str, str]]:
    devices = []
    for index in range(pynvml.nvmlDeviceGetCount()):
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        name = pynvml.nvmlDeviceGetName(handle)
        major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
        # Older bindings answer bytes.
        text = name.decode(errors="replace") if isinstance(name, bytes) else name
        devices.append({"name": text, "compute_capability": f"{major}.{minor}"})
    return devices


def ask() -> dict[str, Any]:
    try:
        import pynvml
    except ImportError:
        return {"devices": None, "error": None}
    absent = (pynvml.NVMLError_LibraryNotFound, pynvml.NVMLError_DriverNotLoaded)
    try:
        pynvml.nvmlInit()
    except absent:
        return {"devices": None, "error": None}
    except pynvml.NVMLError as error:
        return {"devices": None, "error": str(error)}
    try:
        return {"devices": list_devices(pynvml), "error": None}
    except pynvml.NVMLError as error:
        return {"devices": None, "error": str(error)}
    finally:
        pynvml.nvmlShutdown()


if __name__ == "__main__":
    print(json.dumps(ask(), allow_nan=False))
