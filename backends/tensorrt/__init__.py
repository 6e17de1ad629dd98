"""TensorRT engines."""

from backends.tensorrt.session import TensorRtSession

__all__ = ["TensorRtSession"]
