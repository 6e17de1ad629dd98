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


def _names(values: tuple[str, ...]) -> str:
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
        f"{architecture} with the {backend} backend needs the package to declare {_names(missing)}. "
        "Publish a package that does.",
        "required_model_feature_missing",
    )


@lru_cache(maxsize=1024)
def unsupported_feature(architecture: str, backend: str, unsupported: tuple[str, ...]) -> Reason:
    """The package declares features that the implementation does not know."""
    return _reason(
        "implementation",
        "no_implementation",
        f"{architecture} with the {backend} backend does not know the package's {_names(unsupported)}. "
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
        f"The package runs with {backend}; the request allows {_names(requested)}. "
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
        f"The package is {quantization}; without a request this device gets {_names(allowed)}. "
        f"Pass quantization={quantization!r} to allow it.",
    )


@lru_cache(maxsize=1024)
def quantization_not_requested(quantization: str, requested: tuple[str, ...]) -> Reason:
    """The request names other quantizations."""
    return _reason(
        "quantization",
        "quantization_not_requested",
        f"The package is {quantization}; the request allows {_names(requested)}. Add {quantization} to quantization.",
    )


ONNX_NOT_INSTALLED = _reason(
    "runtime",
    "onnx_not_installed",
    "This machine has no ONNX Runtime. Install onnxruntime, or onnxruntime-gpu beside an NVIDIA GPU.",
)


@lru_cache(maxsize=256)
def onnx_default_providers_unavailable(preferred: tuple[str, ...]) -> Reason:
    """None of the configured execution providers is there."""
    return _reason(
        "runtime",
        "onnx_default_providers_unavailable",
        f"ONNX Runtime on this machine offers none of the configured providers ({_names(preferred)}). "
        "Repair its installation, or set ONNXRUNTIME_EXECUTION_PROVIDERS.",
    )


ONNX_REQUESTED_PROVIDERS_UNAVAILABLE = _reason(
    "runtime",
    "onnx_requested_providers_unavailable",
    "ONNX Runtime on this machine offers none of the requested providers (one passed with options counts "
    "as unavailable). Change onnx_execution_providers, or leave it out.",
)


@lru_cache(maxsize=256)
def onnx_incompatible_provider(provider: str) -> Reason:
    """The provider that would run the package is one it declares it cannot run with."""
    return _reason(
        "runtime",
        "onnx_incompatible_provider",
        f"The package declares that it cannot run with {provider}, the first usable provider here. "
        "Pass onnx_execution_providers with another one first.",
    )


@lru_cache(maxsize=256)
def onnx_opset_too_high(opset: int, limit: int, runtime: str, listed: bool) -> Reason:
    """The graph's opset is newer than the installed ONNX Runtime is trusted with."""
    if listed:
        advice = f"Export with opset {limit} or lower, or install a newer ONNX Runtime."
    else:
        advice = (
            f"ONNX Runtime {runtime} is not in the table of known releases. Export with opset {limit} or "
            "lower, or install a release that is."
        )
    return _reason(
        "runtime",
        "onnx_opset_too_high",
        f"The package has opset {opset}; with ONNX Runtime {runtime} at most {limit} is accepted. {advice}",
        f"onnx_opset_too_high_for_{'listed' if listed else 'unlisted'}_runtime",
    )


@lru_cache(maxsize=256)
def onnx_ir_version_too_high(ir_version: int, limit: int, runtime: str) -> Reason:
    """The file's format is newer than the installed ONNX Runtime. No rule of the client, which finds out by loading."""
    return _reason(
        "runtime",
        "onnx_ir_version_too_high",
        f"ONNX Runtime {runtime} cannot read IR {ir_version}, the version of the file's format; it reads up to "
        f"{limit}. Export with ir_version={limit} or lower, or install a newer ONNX Runtime.",
    )


_WHERE = "On a device: pip install 'inference-models[{extra}]'. On the server: pip install -r requirements/{file}.txt, "
_WHERE += "with the Python of the model host."
TORCH_NOT_INSTALLED = _reason(
    "runtime",
    "torch_not_installed",
    f"This machine has no Torch. {_WHERE.format(extra='torch-cpu', file='torch')} With CUDA the client's extra "
    "is the one for its version, such as torch-cu128.",
)
HF_NOT_INSTALLED = _reason(
    "runtime",
    "hf_not_installed",
    "This machine has no transformers library. On a device: pip install transformers beside inference-models.",
)
COREML_NOT_AVAILABLE = _reason(
    "runtime",
    "coreml_not_available",
    "Core ML is not available here: it needs macOS 13 or later on Apple silicon, and coremltools.",
)
TRT_NOT_INSTALLED = _reason(
    "runtime", "trt_not_installed", f"This machine has no TensorRT. {_WHERE.format(extra='trt10', file='trt')}"
)
TRT_PYTHON_PACKAGE_MISSING = _reason(
    "runtime",
    "trt_details_missing",
    "TensorRT is installed, but its Python package is not. Install tensorrt into this environment.",
    "trt_python_package_missing",
)
TRT_RUNTIME_L4T_UNKNOWN = _reason(
    "runtime",
    "trt_details_missing",
    "The engine was compiled on a Jetson, and this machine has no known L4T version. On a Jetson set "
    "L4T_VERSION; elsewhere publish an engine compiled on a server.",
    "trt_runtime_l4t_unknown",
)


@lru_cache(maxsize=1024)
def trt_device_name_mismatch(compiled_for: str, here: tuple[str, ...]) -> Reason:
    """No candidate GPU bears the name of the one that the engine was compiled on."""
    return _reason(
        "runtime",
        "trt_device_mismatch",
        f"The engine was compiled for {compiled_for}; the GPUs to choose from are {_names(here)}. "
        "Compile it on this machine, or with compatibility for the same compute capability.",
    )


@lru_cache(maxsize=1024)
def trt_compute_capability_mismatch(compiled_for: str, here: tuple[str, ...]) -> Reason:
    """No candidate GPU has the compute capability that the engine was compiled for."""
    return _reason(
        "runtime",
        "trt_device_mismatch",
        f"The engine needs compute capability {compiled_for}; the GPUs to choose from have {_names(here)}. "
        "Compile it on a GPU of this kind.",
    )


@lru_cache(maxsize=1024)
def trt_l4t_mismatch(package: str, runtime: str) -> Reason:
    """The L4T releases differ in major or minor."""
    return _reason(
        "runtime",
        "trt_l4t_mismatch",
        f"The engine was compiled under L4T {package}; this Jetson runs {runtime}. "
        "Compile it on this release, or flash the Jetson to that one.",
    )


@lru_cache(maxsize=1024)
def trt_version_not_equal(package: str, runtime: str) -> Reason:
    """The engine needs exactly its own TensorRT version."""
    return _reason(
        "runtime",
        "trt_version_mismatch",
        f"The engine needs exactly TensorRT {package}; this machine has {runtime}. "
        "Install that version, or compile the engine with the one here.",
        "trt_version_not_equal",
    )


@lru_cache(maxsize=1024)
def trt_runtime_older_than_engine(package: str, runtime: str) -> Reason:
    """A forward compatible engine runs on its own TensorRT version or a later one."""
    return _reason(
        "runtime",
        "trt_version_mismatch",
        f"The engine needs TensorRT {package} or later; this machine has {runtime}. Upgrade TensorRT.",
        "trt_runtime_older_than_engine",
    )


TRT_LEAN_RUNTIME_EXCLUDED = _reason(
    "runtime",
    "trt_lean_runtime_excluded",
    "The engine is forward compatible but was compiled without the lean runtime, which is not supported. "
    "Compile it with the lean runtime included.",
)
TRT_HOST_CODE_FORBIDDEN = _reason(
    "runtime",
    "trt_host_code_forbidden",
    "A forward compatible engine carries code that runs on the host. "
    "Pass trt_engine_host_code_allowed=True if you trust the package.",
)
TORCHSCRIPT_DEVICE_UNSPECIFIED = _reason(
    "runtime",
    "torchscript_device_unspecified",
    "TorchScript packages are bound to device types, and the request names no device. Pass device.",
)


@lru_cache(maxsize=256)
def torchscript_device_type_mismatch(device_type: str, supported: tuple[str, ...]) -> Reason:
    """The archive was not made for the requested kind of device."""
    return _reason(
        "runtime",
        "torchscript_device_type_mismatch",
        f"The package runs on {_names(supported)}; the request is for {device_type}. "
        "Pass one of those devices, or publish an archive for this one.",
    )


TORCHSCRIPT_TORCH_VERSION_UNKNOWN = _reason(
    "runtime",
    "torchscript_torch_version_unknown",
    "The version of Torch on this machine cannot be told. Reinstall torch.",
)
TORCHSCRIPT_TORCHVISION_VERSION_UNKNOWN = _reason(
    "runtime",
    "torchscript_torchvision_version_unknown",
    "The package needs torchvision, and its version on this machine cannot be told. Install torchvision.",
)


@lru_cache(maxsize=1024)
def torchscript_torch_too_old(needed: str, runtime: str) -> Reason:
    """The archive needs a later Torch."""
    return _reason(
        "runtime",
        "torchscript_torch_too_old",
        f"The package needs Torch {needed} or later; this machine has {runtime}. Upgrade torch.",
    )


@lru_cache(maxsize=1024)
def torchscript_torchvision_too_old(needed: str, runtime: str) -> Reason:
    """The archive needs a later torchvision."""
    return _reason(
        "runtime",
        "torchscript_torchvision_too_old",
        f"The package needs torchvision {needed} or later; this machine has {runtime}. Upgrade torchvision.",
    )


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
