"""Why a package was passed over, in the four words of a reason: stage, category, cause, sentence.

A sentence tells whoever reads it what to change. Reasons with the same facts are the same object.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Reason:
    """One discard.

    ``stage`` is the step that discarded the package, ``category`` groups reasons that the client's users
    see as one, ``cause`` is finer where one category has several, and ``sentence`` is for people.
    """

    stage: str
    category: str
    cause: str
    sentence: str

    def to_json(self) -> dict[str, str]:
        """The reason as a JSON object."""
        return {
            "stage": self.stage,
            "category": self.category,
            "cause": self.cause,
            "sentence": self.sentence,
        }


def _reason(stage: str, category: str, sentence: str, cause: str | None = None) -> Reason:
    return Reason(stage, category, cause or category, sentence)


def on_this_machine(category: str, sentence: str, cause: str | None = None) -> Reason:
    """The machine cannot run the package: what a backend's own rules say, in ``negotiation.manifests``."""
    return _reason("runtime", category, sentence, cause)


def listed(values: tuple[str, ...]) -> str:
    """Names in a sentence."""
    return ", ".join(values) if values else "none"


INVALID_ENTRY = _reason(
    "parse",
    "invalid_entry",
    "The entry breaks the wire format, so the client drops it without a word: it takes no text or number "
    "where it expects true or false, and no null for trustedSource. Correct the entry.",
)
IGNORED_MANIFEST_TYPE = _reason(
    "parse",
    "ignored_manifest_type",
    "The client ignores packages of this kind. Publish the model in a format that the client runs.",
)
UNKNOWN_MANIFEST_TYPE = _reason(
    "parse",
    "unknown_manifest_type",
    "The client does not know this kind of manifest. Correct its type, or upgrade the client.",
)


@lru_cache(maxsize=1024)
def invalid_manifest(problem: str) -> Reason:
    """The manifest is of a known type and does not hold together."""
    return _reason("parse", "invalid_manifest", f"The manifest is not valid: {problem}. Correct it.")


@lru_cache(maxsize=1024)
def missing_capability(capability: str, backend: str) -> Reason:
    """The request needs an operation that this package cannot offer."""
    return _reason(
        "capabilities",
        "missing_capability",
        f"The request requires {capability}, which this model does not offer with the {backend} backend. "
        "Drop the requirement, or choose a model and backend that offer it.",
    )


@lru_cache(maxsize=1024)
def no_implementation_for_backend(architecture: str, task: str | None, backend: str) -> Reason:
    """Nothing runs this architecture for this task with this backend."""
    return _reason(
        "implementation",
        "no_implementation",
        f"Nothing here runs {architecture} for {task or 'an unnamed task'} with the {backend} backend. "
        "Publish the model for another backend; a newer release may also support it.",
        "no_implementation_for_backend",
    )


@lru_cache(maxsize=1024)
def required_feature_missing(architecture: str, backend: str, missing: tuple[str, ...]) -> Reason:
    """The implementation needs features that the package does not declare."""
    return _reason(
        "implementation",
        "no_implementation",
        f"{architecture} with the {backend} backend needs the package to declare {listed(missing)}. "
        "Publish a package that does.",
        "required_model_feature_missing",
    )


@lru_cache(maxsize=1024)
def unsupported_feature(architecture: str, backend: str, unsupported: tuple[str, ...]) -> Reason:
    """The package declares features that the implementation does not know."""
    return _reason(
        "implementation",
        "no_implementation",
        f"{architecture} with the {backend} backend does not know the package's {listed(unsupported)}. "
        "Publish a package without them; a newer release may also support them.",
        "unsupported_model_feature",
    )


UNTRUSTED = _reason(
    "trust",
    "untrusted",
    "The package is not marked as trusted. Have it trusted, or pass allow_untrusted_packages=True.",
)


@lru_cache(maxsize=1024)
def backend_not_requested(backend: str, requested: tuple[str, ...]) -> Reason:
    """The request names other backends."""
    return _reason(
        "backend",
        "backend_not_requested",
        f"The package runs with {backend}; the request allows {listed(requested)}. "
        f"Add {backend} to backend, or leave backend out.",
    )


@lru_cache(maxsize=4096)
def static_batch_size(size: int, low: int, high: int) -> Reason:
    """The one size of the package lies outside the request's range."""
    return _reason(
        "batch_size",
        "batch_size_mismatch",
        f"The package runs batches of exactly {size}; the request asks for {_batch(low, high)}. "
        f"Include {size} in batch_size, or leave batch_size out.",
        "batch_size_static",
    )


@lru_cache(maxsize=4096)
def dynamic_batch_range(smallest: float, largest: float, low: int, high: int) -> Reason:
    """The request's range is not inside the engine's."""
    return _reason(
        "batch_size",
        "batch_size_mismatch",
        f"The engine runs batches of {smallest} to {largest}; the request asks for {_batch(low, high)}. "
        "Ask for sizes inside that range, or leave batch_size out.",
        "batch_size_dynamic_range",
    )


def _batch(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


@lru_cache(maxsize=1024)
def quantization_not_in_defaults(quantization: str, allowed: tuple[str, ...]) -> Reason:
    """No quantization was requested, and the device's defaults lack this one."""
    return _reason(
        "quantization",
        "quantization_not_in_defaults",
        f"The package is {quantization}; without a request this device gets {listed(allowed)}. "
        f"Pass quantization={quantization!r} to allow it.",
    )


@lru_cache(maxsize=1024)
def quantization_not_requested(quantization: str, requested: tuple[str, ...]) -> Reason:
    """The request names other quantizations."""
    return _reason(
        "quantization",
        "quantization_not_requested",
        f"The package is {quantization}; the request allows {listed(requested)}. Add {quantization} to quantization.",
    )


INSTALL_EXTRA = (
    "On a device: pip install 'inference-models[{extra}]'. On the server: pip install -r requirements/{file}.txt, "
    "with the Python of the model host."
)
"""How what a backend needs comes onto a machine."""


NMS_FUSED_NOT_REQUESTED = _reason(
    "model_features",
    "nms_fused_not_requested",
    "Suppression of overlapping boxes is built into the package, and the request did not ask for that. "
    "Pass nms_fusion_preferences.",
)


@lru_cache(maxsize=64)
def nms_malformed(missing: str) -> Reason:
    """The package says that suppression is built in, and not how."""
    return _reason(
        "model_features",
        "nms_malformed",
        f"The package's nms_fused feature lacks {missing}. Publish a package that states it.",
    )


@lru_cache(maxsize=1024)
def nms_mismatch(key: str, built_in: str, wanted: str) -> Reason:
    """A built-in parameter is not what the request prefers."""
    category = {
        "max_detections": "nms_max_detections_mismatch",
        "confidence_threshold": "nms_confidence_mismatch",
        "iou_threshold": "nms_iou_mismatch",
        "class_agnostic": "nms_class_agnostic_mismatch",
    }[key]
    return _reason(
        "model_features",
        category,
        f"The package has {key} {built_in} built in; the request prefers {wanted}. "
        f"Change {key} in nms_fusion_preferences.",
    )
