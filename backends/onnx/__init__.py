"""ONNX Runtime."""

from backends.onnx.session import OnnxSession

__all__ = ["OnnxSession"]
