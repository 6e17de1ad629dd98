"""Core ML: a package for macOS on Apple silicon."""

from __future__ import annotations

from typing import ClassVar

from negotiation.manifests.manifest import MachineCheck, WithBatch
from negotiation.question import Question
from negotiation.reasons import on_this_machine


class CoremlManifest(WithBatch):
    """A Core ML package, for macOS on Apple silicon. Clients on other machines do not ask for it."""

    backend: ClassVar = "coreml"
    title: ClassVar = "Core ML"
    wire_type: ClassVar = "coreml-model-package-v1"
    wire_backend: ClassVar = "coreml"
    files: ClassVar = ("weights.mlpackage.zip",)
    announced_on_request: ClassVar = True

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        reason = None if question.environment.coremltools_version else NOT_AVAILABLE
        return lambda manifest: reason


NOT_AVAILABLE = on_this_machine(
    "coreml_not_available",
    "Core ML is not available here: it needs macOS 13 or later on Apple silicon, and coremltools.",
)
