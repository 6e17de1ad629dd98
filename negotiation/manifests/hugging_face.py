"""Hugging Face: a folder for the transformers library."""

from __future__ import annotations

from typing import ClassVar

from negotiation.manifests.manifest import MachineCheck, WithPrecision
from negotiation.question import Question
from negotiation.reasons import on_this_machine


class HuggingFaceManifest(WithPrecision):
    """A folder for the transformers library. It declares no batch size at all."""

    backend: ClassVar = "hugging-face"
    title: ClassVar = "Hugging Face"
    wire_type: ClassVar = "hf-model-package-v1"
    wire_backend: ClassVar = "hf"
    other_names: ClassVar = ("hf",)
    platform: ClassVar = "pytorch"
    files: ClassVar = ("model.safetensors",)

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        reason = None if question.environment.hf_transformers_available else NOT_INSTALLED
        return lambda manifest: reason


NOT_INSTALLED = on_this_machine(
    "hf_not_installed",
    "This machine has no transformers library. On a device: pip install transformers beside inference-models.",
)
