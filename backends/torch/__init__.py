"""Weights of PyTorch, for networks that a family builds."""

from backends.runtime import Runtime
from backends.torch.session import TorchSession

__all__ = ["RUNTIME", "TorchSession"]

RUNTIME = Runtime(TorchSession)
