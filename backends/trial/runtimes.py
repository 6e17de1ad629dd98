"""The libraries that run packages, by backend."""

from __future__ import annotations

import importlib

# What is imported, and under which name it is told.
_RUNTIMES = {
    "onnx": ("onnxruntime", "ONNX Runtime"),
    "torch": ("torch", "PyTorch"),
    "torch-script": ("torch", "PyTorch"),
    "trt": ("tensorrt", "TensorRT"),
}


def import_runtime(backend: str) -> str:
    """Import the library that runs such packages; its name and version, empty where it is not there."""
    module, name = _RUNTIMES.get(backend, ("", ""))
    try:
        library = importlib.import_module(module) if module else None
    except ImportError:
        return ""
    return f"{name} {library.__version__}" if library is not None else ""
