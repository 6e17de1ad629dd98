"""The wire format of the weights-provider protocol, both ways, as strict as the client is.

Reading follows ``inference-models`` 0.39.6. Two degrees of strictness matter. Package *entries* are a union of
"an entry" and "any object": a value that would need coercion makes the object win, and the package is
dropped silently. *Manifests* coerce ("17" is an opset), and an invalid one drops its package silently too.
Unknown keys are ignored everywhere.

Writing leaves out whatever is null: the client drops a package for a null in several places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from negotiation import reasons
from negotiation.errors import InvalidMetadataError, ModelRetrievalError
from negotiation.manifests import BACKENDS_BY_WIRE_TYPE, Manifest
from negotiation.manifests.manifest import Clash
from negotiation.metadata import ModelDependency, ModelMetadata, ParsedEntry, ParsedMetadata
from negotiation.package import Package, PackageFile, RecommendedParameters
from negotiation.reasons import Reason

METADATA_TYPE = "external-model-metadata-v1"
ENTRY_TYPE = "external-model-package-v1"
DEPENDENCY_TYPE = "model-dependency-v1"
IGNORED_MANIFEST_TYPES = frozenset({"oak-model-package-v1", "tfjs-model-package-v1"})
"""Of backends that we have none of."""
MAX_PAGES = 10
"""The client asks for no more pages than this, and loses the rest without a word."""


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


def parse_reply(reply: Any) -> ParsedMetadata:
    """Read a provider's whole reply, ``{"modelMetadata": {...}}``. Raises ``InvalidMetadataError``."""
    if not isinstance(reply, Mapping) or "modelMetadata" not in reply:
        raise InvalidMetadataError("The reply holds no modelMetadata.")
    return parse_metadata(reply["modelMetadata"])


def parse_metadata(document: Any, *, keep_ignored: bool = False) -> ParsedMetadata:
    """Read the value of ``modelMetadata``; with ``keep_ignored`` also packages that only clients pass over.

    A malformed package costs that package alone; anything else that is malformed costs the document.

    Raises ``InvalidMetadataError``.
    """
    return parse_pages([document], keep_ignored=keep_ignored)


def parse_pages(documents: Iterable[Any], *, keep_ignored: bool = False) -> ParsedMetadata:
    """Read the pages of one model, in order, as one document. ``keep_ignored`` as in `parse_metadata`.

    Packages are concatenated; everything else comes from the last page. Pages beyond ``MAX_PAGES`` are
    not looked at.

    Raises ``InvalidMetadataError`` for a malformed page, ``ModelRetrievalError`` if there is none.
    """
    pages = [_parse_page(document) for document, _ in zip(documents, range(MAX_PAGES), strict=False)]
    if not pages:
        raise ModelRetrievalError("The provider sent no model metadata.")
    entries = tuple(parse_entry(entry, keep_ignored=keep_ignored) for page in pages for entry in page.model_packages)
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


def parse_entry(entry: EntryOnWire | Mapping[Any, Any], *, keep_ignored: bool = False) -> ParsedEntry:
    """The package that one entry holds, or the reason why the client drops it.

    A plain mapping is an entry that ``MetadataOnWire`` could not take as one without coercion.
    """
    if not isinstance(entry, EntryOnWire):
        package_id = entry.get("packageId")
        return ParsedEntry(package_id if isinstance(package_id, str) else None, None, reasons.INVALID_ENTRY)
    read = _parse_manifest(entry.package_manifest, keep_ignored)
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


def _parse_manifest(document: Mapping[Any, Any], keep_ignored: bool) -> Manifest | Reason:
    wire_type = document.get("type")
    if not isinstance(wire_type, str):
        return reasons.UNKNOWN_MANIFEST_TYPE
    manifest = BACKENDS_BY_WIRE_TYPE.get(wire_type)
    passed_over = manifest is not None and manifest.ignored_by_clients and not keep_ignored
    if wire_type in IGNORED_MANIFEST_TYPES or passed_over:
        return reasons.IGNORED_MANIFEST_TYPE
    if manifest is None:
        return reasons.UNKNOWN_MANIFEST_TYPE
    if clash := manifest.backend_clash(document):
        return _invalid(clash)
    try:
        read = manifest.from_wire(document)
    except ValidationError as error:
        return reasons.invalid_manifest(first_problem(error))
    clash = next(read.clashes(), None)
    return read if clash is None else _invalid(clash)


def _invalid(clash: Clash) -> Reason:
    return reasons.invalid_manifest(f"{clash.field}: {clash.message}")


def first_problem(error: ValidationError) -> str:
    """The first thing that pydantic found wrong, as ``field: what is expected``."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])[:120]
    what = first["msg"][:120]
    return f"{where}: {what}" if where else what


def _recommended_parameters(
    parameters: RecommendedParametersOnWire | None,
) -> RecommendedParameters | None:
    if parameters is None:
        return None
    return RecommendedParameters(parameters.confidence, parameters.per_class_confidence)
