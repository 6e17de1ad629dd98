"""TensorRT engines."""

from backends.runtime import Runtime
from backends.tensorrt.session import TensorRtSession

__all__ = ["RUNTIME", "TensorRtSession"]

RUNTIME = Runtime(TensorRtSession, ("trt_config.json",))
