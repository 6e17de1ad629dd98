"""The wire format of the weights-provider protocol, both ways, as strict as the client is.

Reading follows ``inference-models`` 0.39.6. Two degrees of strictness matter. Package *entries* are a union of
"an entry" and "any object": a value that would need coercion makes the object win, and the package is
dropped silently. *Manifests* coerce ("17" is an opset), and an invalid one drops its package silently too.
Unknown keys are ignored everywhere.

Writing leaves out whatever is null: the client drops a package for a null in several places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from negotiation import reasons
from negotiation.errors import InvalidMetadataError, ModelRetrievalError
from negotiation.metadata import ModelDependency, ModelMetadata, ParsedEntry, ParsedMetadata
from negotiation.package import (
    CoremlManifest,
    GpuServer,
    HuggingFaceManifest,
    Jetson,
    Manifest,
    OnnxManifest,
    Package,
    PackageFile,
    RecommendedParameters,
    TorchManifest,
    TorchScriptManifest,
    TrtManifest,
    UltralyticsManifest,
)
from negotiation.reasons import Reason
from negotiation.versions import is_version

METADATA_TYPE = "external-model-metadata-v1"
ENTRY_TYPE = "external-model-package-v1"
DEPENDENCY_TYPE = "model-dependency-v1"
IGNORED_MANIFEST_TYPES = frozenset({"oak-model-package-v1", "tfjs-model-package-v1", "mediapipe-model-package-v1"})
MAX_PAGES = 10
"""The client asks for no more pages than this, and loses the rest without a word."""

Quantization = Literal["fp32", "fp16", "bf16", "int8", "unknown"]


class FileOnWire(BaseModel):
    """A file of a package entry."""

    file_handle: str = Field(alias="fileHandle")
    download_url: str = Field(alias="downloadUrl")
    md5_hash: str | None = Field(alias="md5Hash", default=None)


class RecommendedParametersOnWire(BaseModel):
    """Recommended thresholds, of a model or of a package."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, alias_generator=to_camel)

    confidence: float | None = None
    per_class_confidence: dict[str, float] | None = None


class MemoryProfileOnWire(BaseModel):
    """Measured memory by batch size."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, alias_generator=to_camel)

    peak_vram_mb: dict[int, int] = Field(default_factory=dict)


class EntryOnWire(BaseModel):
    """A package entry."""

    type: Literal["external-model-package-v1"]
    package_id: str = Field(alias="packageId")
    package_manifest: dict[Any, Any] = Field(alias="packageManifest")
    model_features: dict[Any, Any] | None = Field(alias="modelFeatures", default=None)
    package_files: list[FileOnWire] = Field(alias="packageFiles")
    trusted_source: bool = Field(alias="trustedSource", default=False)
    recommended_parameters: RecommendedParametersOnWire | None = Field(alias="recommendedParameters", default=None)
    memory_profile: MemoryProfileOnWire = Field(alias="memoryProfile", default_factory=MemoryProfileOnWire)

    @field_validator("memory_profile", mode="before")
    @classmethod
    def _forget_a_malformed_memory_profile(cls, value: Any) -> MemoryProfileOnWire:
        try:
            return MemoryProfileOnWire.model_validate(value)
        except ValidationError:
            return MemoryProfileOnWire()


class DependencyOnWire(BaseModel):
    """A dependency of the model."""

    type: Literal["model-dependency-v1"]
    name: str
    model_id: str = Field(alias="modelId")
    model_package_id: str | None = Field(alias="modelPackageId", default=None)


class MetadataOnWire(BaseModel):
    """The value of ``modelMetadata`` in a provider's reply."""

    type: Literal["external-model-metadata-v1"]
    model_id: str = Field(alias="modelId")
    model_architecture: str = Field(alias="modelArchitecture")
    model_variant: str | None = Field(alias="modelVariant", default=None)
    task_type: str | None = Field(alias="taskType", default=None)
    model_dependencies: list[DependencyOnWire] | None = Field(alias="modelDependencies", default=None)
    model_packages: list[EntryOnWire | dict[Any, Any]] = Field(alias="modelPackages")
    recommended_parameters: RecommendedParametersOnWire | None = Field(alias="recommendedParameters", default=None)
    model_latency_ms: float | None = Field(alias="modelLatencyMs", default=None)
    next_page: str | None = Field(alias="nextPage", default=None)

    @field_validator("model_latency_ms", mode="before")
    @classmethod
    def _forget_a_latency_that_is_no_number(cls, value: Any) -> float | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        try:
            return float(value)
        except OverflowError:
            return None


class BatchOnWire(BaseModel):
    """The batch settings that most manifests share."""

    dynamic_batch_size: bool = Field(alias="dynamicBatchSize", default=False)
    static_batch_size: int | None = Field(alias="staticBatchSize", default=None)

    def batch_problem(self) -> str | None:
        """Why the batch settings contradict each other; None if they do not."""
        if self.dynamic_batch_size:
            if self.static_batch_size is not None:
                return "a dynamic batch size excludes a static one"
        elif self.static_batch_size is None or self.static_batch_size <= 0:
            return "without a dynamic batch size it needs a staticBatchSize above zero"
        return None


class OnnxOnWire(BatchOnWire):
    """Manifest of an ONNX package."""

    type: Literal["onnx-model-package-v1"]
    backend_type: Literal["onnx"] = Field(alias="backendType")
    quantization: Quantization
    opset: int
    incompatible_providers: list[str] | None = Field(alias="incompatibleProviders", default=None)


class JetsonOnWire(BaseModel):
    """Machine specification of a Jetson."""

    type: Literal["jetson-machine-specs-v1"]
    l4t_version: str = Field(alias="l4tVersion")
    device_name: str = Field(alias="deviceName")
    driver_version: str = Field(alias="driverVersion")


class GpuServerOnWire(BaseModel):
    """Machine specification of a server."""

    type: Literal["gpu-server-specs-v1"]
    driver_version: str = Field(alias="driverVersion")
    os_version: str = Field(alias="osVersion")


class TrtOnWire(BatchOnWire):
    """Manifest of a TensorRT package."""

    type: Literal["trt-model-package-v1"]
    backend_type: Literal["trt"] = Field(alias="backendType")
    min_batch_size: int | None = Field(alias="minBatchSize", default=None)
    opt_batch_size: int | None = Field(alias="optBatchSize", default=None)
    max_batch_size: int | None = Field(alias="maxBatchSize", default=None)
    quantization: Quantization
    cuda_device_type: str = Field(alias="cudaDeviceType")
    cuda_device_cc: str = Field(alias="cudaDeviceCC")
    cuda_version: str = Field(alias="cudaVersion")
    trt_version: str = Field(alias="trtVersion")
    same_cc_compatible: bool = Field(alias="sameCCCompatible", default=False)
    trt_forward_compatible: bool = Field(alias="trtForwardCompatible", default=False)
    trt_lean_runtime_excluded: bool = Field(alias="trtLeanRuntimeExcluded", default=False)
    machine_type: Literal["gpu-server", "jetson"] = Field(alias="machineType")
    machine_specs: Annotated[JetsonOnWire | GpuServerOnWire, Field(discriminator="type")] = Field(alias="machineSpecs")


class TorchOnWire(BatchOnWire):
    """Manifest of a Torch package."""

    type: Literal["torch-model-package-v1"]
    backend_type: Literal["torch"] = Field(alias="backendType")
    quantization: Quantization


class HuggingFaceOnWire(BaseModel):
    """Manifest of a package for the transformers library."""

    type: Literal["hf-model-package-v1"]
    backend_type: Literal["hf"] = Field(alias="backendType")
    quantization: Quantization


class TorchScriptOnWire(BatchOnWire):
    """Manifest of a TorchScript package."""

    type: Literal["torch-script-model-package-v1"]
    backend_type: Literal["torch-script"] = Field(alias="backendType")
    quantization: Quantization
    supported_device_types: list[str] = Field(alias="supportedDeviceTypes")
    torch_version: str = Field(alias="torchVersion")
    torch_vision_version: str | None = Field(alias="torchVisionVersion", default=None)


class CoremlOnWire(BatchOnWire):
    """Manifest of a Core ML package."""

    type: Literal["coreml-model-package-v1"]
    backend_type: Literal["coreml"] = Field(alias="backendType")
    quantization: Quantization


class UltralyticsOnWire(BaseModel):
    """Manifest of a package for the ultralytics library: nothing but its type."""

    type: Literal["ultralytics-model-package-v1"]


MANIFEST_MODELS: Mapping[str, type[BaseModel]] = {
    "onnx-model-package-v1": OnnxOnWire,
    "trt-model-package-v1": TrtOnWire,
    "torch-model-package-v1": TorchOnWire,
    "hf-model-package-v1": HuggingFaceOnWire,
    "torch-script-model-package-v1": TorchScriptOnWire,
    "coreml-model-package-v1": CoremlOnWire,
    "ultralytics-model-package-v1": UltralyticsOnWire,
}


class _InvalidManifest(Exception):
    """Carries what is wrong with a manifest to ``parse_entry``."""


def parse_reply(reply: Any) -> ParsedMetadata:
    """Read a provider's whole reply, ``{"modelMetadata": {...}}``. Raises ``InvalidMetadataError``."""
    if not isinstance(reply, Mapping) or "modelMetadata" not in reply:
        raise InvalidMetadataError("The reply holds no modelMetadata.")
    return parse_metadata(reply["modelMetadata"])


def parse_metadata(document: Any) -> ParsedMetadata:
    """Read the value of ``modelMetadata``.

    A malformed package costs that package alone; anything else that is malformed costs the document.

    Raises ``InvalidMetadataError``.
    """
    return parse_pages([document])


def parse_pages(documents: Iterable[Any]) -> ParsedMetadata:
    """Read the pages of one model, in order, as one document.

    Packages are concatenated; everything else comes from the last page. Pages beyond ``MAX_PAGES`` are
    not looked at.

    Raises ``InvalidMetadataError`` for a malformed page, ``ModelRetrievalError`` if there is none.
    """
    pages = [_parse_page(document) for document, _ in zip(documents, range(MAX_PAGES), strict=False)]
    if not pages:
        raise ModelRetrievalError("The provider sent no model metadata.")
    entries = tuple(parse_entry(entry) for page in pages for entry in page.model_packages)
    last = pages[-1]
    model = ModelMetadata(
        model_id=last.model_id,
        architecture=last.model_architecture,
        task=last.task_type,
        packages=tuple(entry.package for entry in entries if entry.package is not None),
        variant=last.model_variant,
        dependencies=tuple(
            ModelDependency(dependency.name, dependency.model_id, dependency.model_package_id)
            for dependency in last.model_dependencies or ()
        ),
        recommended_parameters=_recommended_parameters(last.recommended_parameters),
        latency_ms=last.model_latency_ms,
        next_page=last.next_page,
    )
    return ParsedMetadata(model, entries)


def _parse_page(document: Any) -> MetadataOnWire:
    try:
        return MetadataOnWire.model_validate(document)
    except ValidationError as error:
        raise InvalidMetadataError(f"The model metadata is malformed: {first_problem(error)}.") from error


def parse_entry(entry: EntryOnWire | Mapping[Any, Any]) -> ParsedEntry:
    """The package that one entry holds, or the reason why the client drops it.

    A plain mapping is an entry that ``MetadataOnWire`` could not take as one without coercion.
    """
    if not isinstance(entry, EntryOnWire):
        package_id = entry.get("packageId")
        return ParsedEntry(package_id if isinstance(package_id, str) else None, None, reasons.INVALID_ENTRY)
    read = _parse_manifest(entry.package_manifest)
    if isinstance(read, Reason):
        return ParsedEntry(entry.package_id, None, read)
    package = Package(
        package_id=entry.package_id,
        manifest=read,
        files=tuple(PackageFile(file.file_handle, file.download_url, file.md5_hash) for file in entry.package_files),
        trusted=entry.trusted_source,
        features=entry.model_features,
        recommended_parameters=_recommended_parameters(entry.recommended_parameters),
        peak_vram_mb=entry.memory_profile.peak_vram_mb,
    )
    return ParsedEntry(entry.package_id, package, None)


def _parse_manifest(manifest: Mapping[Any, Any]) -> Manifest | Reason:
    manifest_type = manifest.get("type")
    if not isinstance(manifest_type, str):
        return reasons.UNKNOWN_MANIFEST_TYPE
    if manifest_type in IGNORED_MANIFEST_TYPES:
        return reasons.IGNORED_MANIFEST_TYPE
    if manifest_type not in MANIFEST_READERS:
        return reasons.UNKNOWN_MANIFEST_TYPE
    try:
        return MANIFEST_READERS[manifest_type](manifest)
    except ValidationError as error:
        return reasons.invalid_manifest(first_problem(error))
    except _InvalidManifest as error:
        return reasons.invalid_manifest(str(error))


def first_problem(error: ValidationError) -> str:
    """The first thing that pydantic found wrong, as ``field: what is expected``."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])[:120]
    what = first["msg"][:120]
    return f"{where}: {what}" if where else what


_Batch = TypeVar("_Batch", bound=BatchOnWire)


def _with_batch(model: type[_Batch], manifest: Mapping[Any, Any]) -> _Batch:
    parsed = model.model_validate(manifest)
    if problem := parsed.batch_problem():
        raise _InvalidManifest(problem)
    return parsed


def _versions(**versions: str) -> None:
    for name, text in versions.items():
        if not is_version(text):
            raise _InvalidManifest(f"{name} is not a version")


def _read_onnx(manifest: Mapping[Any, Any]) -> OnnxManifest:
    parsed = _with_batch(OnnxOnWire, manifest)
    providers = parsed.incompatible_providers
    return OnnxManifest(
        quantization=parsed.quantization,
        dynamic_batch_size=parsed.dynamic_batch_size,
        static_batch_size=parsed.static_batch_size,
        opset=parsed.opset,
        incompatible_providers=None if providers is None else tuple(providers),
    )


def _read_trt(manifest: Mapping[Any, Any]) -> TrtManifest:
    parsed = _with_batch(TrtOnWire, manifest)
    sizes = (parsed.min_batch_size, parsed.opt_batch_size, parsed.max_batch_size)
    if parsed.dynamic_batch_size and None in sizes:
        raise _InvalidManifest("a dynamic engine needs minBatchSize, optBatchSize and maxBatchSize")
    specs = parsed.machine_specs
    machine: GpuServer | Jetson
    if isinstance(specs, JetsonOnWire):
        machine, machine_type = Jetson(specs.l4t_version, specs.device_name, specs.driver_version), "jetson"
        _versions(l4tVersion=specs.l4t_version)
    else:
        machine, machine_type = GpuServer(specs.driver_version, specs.os_version), "gpu-server"
    if parsed.machine_type != machine_type:
        raise _InvalidManifest("machineType and machineSpecs describe different kinds of machine")
    _versions(
        cudaDeviceCC=parsed.cuda_device_cc,
        cudaVersion=parsed.cuda_version,
        trtVersion=parsed.trt_version,
        driverVersion=specs.driver_version,
    )
    return TrtManifest(
        quantization=parsed.quantization,
        dynamic_batch_size=parsed.dynamic_batch_size,
        static_batch_size=parsed.static_batch_size,
        cuda_device_type=parsed.cuda_device_type,
        cuda_device_cc=parsed.cuda_device_cc,
        cuda_version=parsed.cuda_version,
        trt_version=parsed.trt_version,
        machine=machine,
        min_batch_size=parsed.min_batch_size,
        opt_batch_size=parsed.opt_batch_size,
        max_batch_size=parsed.max_batch_size,
        same_cc_compatible=parsed.same_cc_compatible,
        trt_forward_compatible=parsed.trt_forward_compatible,
        trt_lean_runtime_excluded=parsed.trt_lean_runtime_excluded,
    )


def _read_torch(manifest: Mapping[Any, Any]) -> TorchManifest:
    parsed = _with_batch(TorchOnWire, manifest)
    return TorchManifest(parsed.quantization, parsed.dynamic_batch_size, parsed.static_batch_size)


def _read_hugging_face(manifest: Mapping[Any, Any]) -> HuggingFaceManifest:
    return HuggingFaceManifest(HuggingFaceOnWire.model_validate(manifest).quantization)


def _read_torch_script(manifest: Mapping[Any, Any]) -> TorchScriptManifest:
    parsed = _with_batch(TorchScriptOnWire, manifest)
    _versions(torchVersion=parsed.torch_version)
    if parsed.torch_vision_version is not None:
        _versions(torchVisionVersion=parsed.torch_vision_version)
    return TorchScriptManifest(
        quantization=parsed.quantization,
        dynamic_batch_size=parsed.dynamic_batch_size,
        static_batch_size=parsed.static_batch_size,
        supported_device_types=tuple(parsed.supported_device_types),
        torch_version=parsed.torch_version,
        torch_vision_version=parsed.torch_vision_version,
    )


def _read_coreml(manifest: Mapping[Any, Any]) -> CoremlManifest:
    parsed = _with_batch(CoremlOnWire, manifest)
    return CoremlManifest(parsed.quantization, parsed.dynamic_batch_size, parsed.static_batch_size)


def _read_ultralytics(manifest: Mapping[Any, Any]) -> UltralyticsManifest:
    return UltralyticsManifest()


MANIFEST_READERS: Mapping[str, Callable[[Mapping[Any, Any]], Manifest]] = {
    "onnx-model-package-v1": _read_onnx,
    "trt-model-package-v1": _read_trt,
    "torch-model-package-v1": _read_torch,
    "hf-model-package-v1": _read_hugging_face,
    "torch-script-model-package-v1": _read_torch_script,
    "coreml-model-package-v1": _read_coreml,
    "ultralytics-model-package-v1": _read_ultralytics,
}


def _recommended_parameters(
    parameters: RecommendedParametersOnWire | None,
) -> RecommendedParameters | None:
    if parameters is None:
        return None
    return RecommendedParameters(parameters.confidence, parameters.per_class_confidence)
