"""TorchScript archives, run by PyTorch."""

from backends.torchscript.session import TorchScriptSession

__all__ = ["TorchScriptSession"]
