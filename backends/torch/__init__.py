"""Weights of PyTorch, for networks that a family builds."""

from backends.torch.session import TorchSession

__all__ = ["TorchSession"]
