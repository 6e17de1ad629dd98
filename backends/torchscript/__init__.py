"""TorchScript archives, run by PyTorch."""

from backends.runtime import Runtime
from backends.torchscript.session import TorchScriptSession

__all__ = ["RUNTIME", "TorchScriptSession"]

RUNTIME = Runtime(TorchScriptSession)
