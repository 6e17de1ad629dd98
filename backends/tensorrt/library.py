"""The TensorRT library itself: the full one, or the lean runtime that only runs engines."""

from __future__ import annotations

import ctypes
from importlib import import_module
from typing import Any

from backends.errors import DeviceUnavailable, OutOfMemory, PackageDamaged, RuntimeMissing, UnsupportedPackage
from backends.tensorrt.engine_header import EngineHeader


def import_tensorrt() -> Any:
    """The module ``tensorrt``, else ``tensorrt_lean``, which has the same names. Raises RuntimeMissing.

    The lean runtime runs version-compatible engines only, those that were built to outlive their TensorRT.
    """
    for name in ("tensorrt", "tensorrt_lean"):
        try:
            return import_module(name)
        except ImportError:
            continue
    raise RuntimeMissing("TensorRT is not installed here.")


def make_logger(tensorrt: Any) -> Any:
    """A logger for TensorRT that keeps what went wrong in ``messages`` instead of printing it."""

    class Log(tensorrt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            tensorrt.ILogger.__init__(self)
            self.messages: list[str] = []

        def log(self, severity: Any, message: str) -> None:
            if severity in (tensorrt.ILogger.ERROR, tensorrt.ILogger.INTERNAL_ERROR):
                self.messages.append(message)

    return Log()


def deserialize(tensorrt: Any, content: bytes, header: EngineHeader, trusted: bool) -> tuple[Any, Any]:
    """Makes an engine of the file's bytes: (runtime, engine); the engine needs the runtime to live.

    ``trusted`` lets the engine bring host code along, which version-compatible engines with their own runtime inside
    do. Raises UnsupportedPackage for engines of another TensorRT, DeviceUnavailable without a working GPU, OutOfMemory
    and PackageDamaged.
    """
    log = make_logger(tensorrt)
    try:
        runtime = tensorrt.Runtime(log)
    except Exception:
        raise DeviceUnavailable("TensorRT cannot use a GPU on this machine.") from None
    if log.messages:
        # Without a driver TensorRT returns a runtime all the same, around nothing: to touch it, or even to free it,
        # ends the process. So it is never freed.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(runtime))
        raise DeviceUnavailable("TensorRT cannot use a GPU on this machine.")
    runtime.engine_host_code_allowed = trusted
    engine = runtime.deserialize_cuda_engine(content)
    if engine is not None:
        return runtime, engine
    explanation = " ".join(log.messages).lower()
    if "memory" in explanation:
        raise OutOfMemory("There is not enough memory on the GPU to load the engine.")
    if header.version is not None and header.version[:2] != _version(tensorrt):
        built = ".".join(map(str, header.version[:3]))
        raise UnsupportedPackage(f"The engine was built by TensorRT {built}; this machine has {tensorrt.__version__}.")
    if "host code" in explanation:
        raise UnsupportedPackage("The engine brings code of its own, and the package is not trusted.")
    if "platform" in explanation or "compute" in explanation or "device" in explanation:
        raise UnsupportedPackage("The engine was built for another kind of GPU.")
    raise PackageDamaged("TensorRT could not read the engine: it is damaged.")


def _version(tensorrt: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(tensorrt.__version__).split(".")[:2])
