"""Packages in the words of the provider protocol, written by `negotiation.wire`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from negotiation import package as negotiated
from negotiation.wire_writer import dump_entry, dump_manifest
from packages_app.models import Backend, MachineType, Package, PackageFile

# Only clients up to inference-models 0.27.2 know it; negotiation therefore has no manifest for it.
MEDIAPIPE_MANIFEST = {"type": "mediapipe-model-package-v1", "backendType": "mediapipe"}


def manifest(package: Package) -> dict[str, Any]:
    """The value of `packageManifest`. Of a draft it may lack what is not known yet."""
    if package.backend == Backend.MEDIAPIPE:
        return dict(MEDIAPIPE_MANIFEST)
    return dump_manifest(negotiation_manifest(package))


def package_entry(
    package: Package,
    files_with_urls: Iterable[tuple[PackageFile, str]],
    *,
    announced_id: str | None = None,
) -> dict[str, Any]:
    """One element of `modelPackages`, under ``announced_id`` if the package is announced under another id."""
    entry = dump_entry(negotiation_package(package, files_with_urls, announced_id=announced_id))
    if package.backend == Backend.MEDIAPIPE:
        entry["packageManifest"] = dict(MEDIAPIPE_MANIFEST)
    return entry


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


def negotiation_manifest(package: Package) -> negotiated.Manifest:
    """The manifest that fits the package's backend. MediaPipe, unknown to negotiation, has one without fields."""
    batch = {"dynamic_batch_size": package.dynamic_batch_size, "static_batch_size": package.static_batch_size}
    match package.backend:
        case Backend.ONNX:
            providers = package.incompatible_providers
            return negotiated.OnnxManifest(
                quantization=package.quantization,
                **batch,
                opset=package.opset,
                incompatible_providers=None if providers is None else tuple(providers),
                ir_version=package.ir_version,
            )
        case Backend.TRT:
            return negotiated.TrtManifest(
                quantization=package.quantization,
                **batch,
                cuda_device_type=package.cuda_device_type,
                cuda_device_cc=package.cuda_device_cc,
                cuda_version=package.cuda_version,
                trt_version=package.trt_version,
                machine=_machine(package),
                min_batch_size=package.min_batch_size,
                opt_batch_size=package.opt_batch_size,
                max_batch_size=package.max_batch_size,
                same_cc_compatible=package.same_cc_compatible,
                trt_forward_compatible=package.trt_forward_compatible,
                trt_lean_runtime_excluded=package.trt_lean_runtime_excluded,
            )
        case Backend.TORCH:
            return negotiated.TorchManifest(quantization=package.quantization, **batch)
        case Backend.HUGGING_FACE:
            return negotiated.HuggingFaceManifest(quantization=package.quantization)
        case Backend.TORCH_SCRIPT:
            return negotiated.TorchScriptManifest(
                quantization=package.quantization,
                **batch,
                supported_device_types=tuple(package.supported_device_types or ()),
                torch_version=package.torch_version,
                torch_vision_version=package.torchvision_version or None,
            )
        case Backend.COREML:
            return negotiated.CoremlManifest(quantization=package.quantization, **batch)
        case _:
            return negotiated.UltralyticsManifest()


def _machine(package: Package) -> negotiated.GpuServer | negotiated.Jetson:
    if package.machine_type == MachineType.JETSON:
        return negotiated.Jetson(
            l4t_version=package.l4t_version,
            device_name=package.device_name,
            driver_version=package.driver_version,
        )
    return negotiated.GpuServer(driver_version=package.driver_version, os_version=package.os_version)
