"""Torch: weights for a network that the library builds."""

from __future__ import annotations

from typing import ClassVar

from negotiation.manifests.manifest import Library, MachineCheck, WithBatch
from negotiation.question import Question
from negotiation.reasons import INSTALL_EXTRA, on_this_machine


class TorchManifest(WithBatch):
    """Torch weights for a network that the library builds."""

    backend: ClassVar = "torch"
    title: ClassVar = "Torch"
    wire_type: ClassVar = "torch-model-package-v1"
    wire_backend: ClassVar = "torch"
    library: ClassVar = Library("torch", "PyTorch")
    folder: ClassVar = "torch"
    platform: ClassVar = "pytorch"
    files: ClassVar = ("weights.pth", "weights.pt", "model.pt")

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        reason = None if question.environment.torch_available else NOT_INSTALLED
        return lambda manifest: reason


NOT_INSTALLED = on_this_machine(
    "torch_not_installed",
    f"This machine has no Torch. {INSTALL_EXTRA.format(extra='torch-cpu', file='torch')} With CUDA the client's extra "
    "is the one for its version, such as torch-cu128.",
)
