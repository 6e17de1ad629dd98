"""ONNX Runtime."""

from backends.onnx.session import OnnxSession
from backends.runtime import Runtime

__all__ = ["RUNTIME", "OnnxSession"]

RUNTIME = Runtime(OnnxSession)
