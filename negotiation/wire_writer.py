"""The writing half of the wire format. ``negotiation.wire`` reads what this writes, to equal values.

Nothing null is written. Packages are written in ascending order of their ids: the client's last tie-break
depends on the order of the wire, and this is the order in which it comes out the same for any subset.
"""

from __future__ import annotations

from typing import Any

from negotiation.metadata import ModelMetadata
from negotiation.package import Package, RecommendedParameters
from negotiation.wire import DEPENDENCY_TYPE, ENTRY_TYPE, METADATA_TYPE


def dump_reply(model: ModelMetadata) -> dict[str, Any]:
    """A provider's whole reply: ``{"modelMetadata": {...}}``."""
    return {"modelMetadata": dump_metadata(model)}


def dump_metadata(model: ModelMetadata) -> dict[str, Any]:
    """The value of ``modelMetadata`` as a JSON object, packages sorted by id."""
    return _without_nulls(
        {
            "type": METADATA_TYPE,
            "modelId": model.model_id,
            "modelArchitecture": model.architecture,
            "modelVariant": model.variant,
            "taskType": model.task,
            "modelDependencies": [
                _without_nulls(
                    {
                        "type": DEPENDENCY_TYPE,
                        "name": dependency.name,
                        "modelId": dependency.model_id,
                        "modelPackageId": dependency.model_package_id,
                    }
                )
                for dependency in model.dependencies
            ]
            or None,
            "modelPackages": [
                dump_entry(package) for package in sorted(model.packages, key=lambda package: package.package_id)
            ],
            "recommendedParameters": _dump_recommended_parameters(model.recommended_parameters),
            "modelLatencyMs": model.latency_ms,
            # An empty cursor would make the client ask for the first page ten times over.
            "nextPage": model.next_page or None,
        }
    )


def dump_entry(package: Package) -> dict[str, Any]:
    """One package entry as a JSON object."""
    return _without_nulls(
        {
            "type": ENTRY_TYPE,
            "packageId": package.package_id,
            "packageManifest": package.manifest.to_wire(),
            "modelFeatures": None if package.features is None else dict(package.features),
            "packageFiles": [
                _without_nulls({"fileHandle": file.handle, "downloadUrl": file.download_url, "md5Hash": file.md5})
                for file in package.files
            ],
            "trustedSource": package.trusted,
            "recommendedParameters": _dump_recommended_parameters(package.recommended_parameters),
            "memoryProfile": {
                "peakVramMb": {str(batch): mebibytes for batch, mebibytes in package.peak_vram_mb.items()}
            }
            if package.peak_vram_mb
            else None,
        }
    )


def _dump_recommended_parameters(parameters: RecommendedParameters | None) -> dict[str, Any] | None:
    if parameters is None:
        return None
    per_class = parameters.per_class_confidence
    return _without_nulls(
        {
            "confidence": parameters.confidence,
            "perClassConfidence": None if per_class is None else dict(per_class),
        }
    )


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}
