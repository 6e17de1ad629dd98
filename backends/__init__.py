"""Runs model packages: loads their files into a runtime and turns images into predictions.

    from backends import InferenceParameters, load_package

    model = load_package(directory, architecture="yolov8", task="object-detection", backend="onnx")
    detections = model.infer([image], InferenceParameters(confidence=0.5))

Names are imported when they are first used: a process that needs only the errors or `backends.image_headers`
pays for nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backends.families.implementation import Implementation
    from backends.model import LoadedModel, Prepared
    from backends.parameters import InferenceParameters, PreProcessingOverrides, RecommendedParameters
    from backends.registry import find_implementation, implementations, load_package
    from backends.session import SessionOptions

__all__ = [
    "Implementation",
    "InferenceParameters",
    "LoadedModel",
    "PreProcessingOverrides",
    "Prepared",
    "RecommendedParameters",
    "SessionOptions",
    "find_implementation",
    "implementations",
    "load_package",
]

_HOMES = {
    "Implementation": "backends.families.implementation",
    "InferenceParameters": "backends.parameters",
    "LoadedModel": "backends.model",
    "PreProcessingOverrides": "backends.parameters",
    "Prepared": "backends.model",
    "RecommendedParameters": "backends.parameters",
    "SessionOptions": "backends.session",
    "find_implementation": "backends.registry",
    "implementations": "backends.registry",
    "load_package": "backends.registry",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
