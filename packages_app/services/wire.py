"""Packages in the words of the provider protocol, written by `negotiation.wire`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from negotiation import package as negotiated
from negotiation.manifests import BACKENDS, Manifest
from negotiation.wire_writer import dump_entry
from packages_app.models import Package, PackageFile


def manifest(package: Package) -> dict[str, Any]:
    """The value of `packageManifest`. Of a draft it may lack what is not known yet."""
    return negotiation_manifest(package).to_wire()


def package_entry(
    package: Package,
    files_with_urls: Iterable[tuple[PackageFile, str]],
    *,
    announced_id: str | None = None,
) -> dict[str, Any]:
    """One element of `modelPackages`, under ``announced_id`` if the package is announced under another id."""
    return dump_entry(negotiation_package(package, files_with_urls, announced_id=announced_id))


def negotiation_package(
    package: Package,
    files_with_urls: Iterable[tuple[PackageFile, str]] = (),
    *,
    announced_id: str | None = None,
) -> negotiated.Package:
    """The package as negotiation sees it: the same fields as in the wire format, parsed."""
    memory = (package.memory_profile or {}).get("peakVramMb", {})
    return negotiated.Package(
        package_id=announced_id or package.package_id,
        manifest=negotiation_manifest(package),
        files=tuple(
            negotiated.PackageFile(handle=file.handle, download_url=url, md5=file.blob.md5)
            for file, url in files_with_urls
        ),
        trusted=package.trusted,
        features=package.model_features,
        recommended_parameters=recommended_parameters(package.recommended_parameters),
        peak_vram_mb={int(batch): mebibytes for batch, mebibytes in memory.items()},
    )


def recommended_parameters(document: dict[str, Any] | None) -> negotiated.RecommendedParameters | None:
    """Recommended parameters as the columns of Package and Model hold them, for negotiation."""
    if document is None:
        return None
    return negotiated.RecommendedParameters(
        confidence=document.get("confidence"), per_class_confidence=document.get("perClassConfidence")
    )


def negotiation_manifest(package: Package) -> Manifest:
    """The manifest that fits the package's backend, unchecked. Of a draft it may lack what is not known yet."""
    return BACKENDS[package.backend].of(package.manifest_values)
