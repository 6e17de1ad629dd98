"""The writing half of the wire format. ``negotiation.wire`` reads what this writes, to equal values.

Nothing null is written. Packages are written in ascending order of their ids: the client's last tie-break
depends on the order of the wire, and this is the order in which it comes out the same for any subset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from negotiation.metadata import ModelMetadata
from negotiation.package import (
    CoremlManifest,
    HuggingFaceManifest,
    Jetson,
    Manifest,
    OnnxManifest,
    Package,
    RecommendedParameters,
    TorchManifest,
    TorchScriptManifest,
    TrtManifest,
    UltralyticsManifest,
)
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
            "packageManifest": dump_manifest(package.manifest),
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


def dump_manifest(manifest: Manifest) -> dict[str, Any]:
    """A backend's manifest as a JSON object."""
    return _without_nulls(_WRITERS[type(manifest)](manifest))


def _head(prefix: str, backend_type: str, manifest: Manifest) -> dict[str, Any]:
    return {
        "type": f"{prefix}-model-package-v1",
        "backendType": backend_type,
        "quantization": manifest.quantization,
    }


def _batch(manifest: Manifest) -> dict[str, Any]:
    return {
        "dynamicBatchSize": manifest.dynamic_batch_size,
        "staticBatchSize": manifest.static_batch_size,
    }


def _dump_onnx(manifest: OnnxManifest) -> dict[str, Any]:
    providers = manifest.incompatible_providers
    return {
        **_head("onnx", "onnx", manifest),
        **_batch(manifest),
        "opset": manifest.opset,
        "incompatibleProviders": None if providers is None else list(providers),
    }


def _dump_trt(manifest: TrtManifest) -> dict[str, Any]:
    machine = manifest.machine
    if isinstance(machine, Jetson):
        machine_type, specs = (
            "jetson",
            {
                "type": "jetson-machine-specs-v1",
                "l4tVersion": machine.l4t_version,
                "deviceName": machine.device_name,
                "driverVersion": machine.driver_version,
            },
        )
    else:
        machine_type, specs = (
            "gpu-server",
            {
                "type": "gpu-server-specs-v1",
                "driverVersion": machine.driver_version,
                "osVersion": machine.os_version,
            },
        )
    return {
        **_head("trt", "trt", manifest),
        **_batch(manifest),
        "minBatchSize": manifest.min_batch_size,
        "optBatchSize": manifest.opt_batch_size,
        "maxBatchSize": manifest.max_batch_size,
        "cudaDeviceType": manifest.cuda_device_type,
        "cudaDeviceCC": manifest.cuda_device_cc,
        "cudaVersion": manifest.cuda_version,
        "trtVersion": manifest.trt_version,
        "sameCCCompatible": manifest.same_cc_compatible,
        "trtForwardCompatible": manifest.trt_forward_compatible,
        "trtLeanRuntimeExcluded": manifest.trt_lean_runtime_excluded,
        "machineType": machine_type,
        "machineSpecs": specs,
    }


def _dump_torch(manifest: TorchManifest) -> dict[str, Any]:
    return {**_head("torch", "torch", manifest), **_batch(manifest)}


def _dump_hugging_face(manifest: HuggingFaceManifest) -> dict[str, Any]:
    return _head("hf", "hf", manifest)


def _dump_torch_script(manifest: TorchScriptManifest) -> dict[str, Any]:
    return {
        **_head("torch-script", "torch-script", manifest),
        **_batch(manifest),
        "supportedDeviceTypes": list(manifest.supported_device_types),
        "torchVersion": manifest.torch_version,
        "torchVisionVersion": manifest.torch_vision_version,
    }


def _dump_coreml(manifest: CoremlManifest) -> dict[str, Any]:
    return {**_head("coreml", "coreml", manifest), **_batch(manifest)}


def _dump_ultralytics(manifest: UltralyticsManifest) -> dict[str, Any]:
    return _head("ultralytics", "ultralytics", manifest)


_WRITERS: Mapping[type[Manifest], Callable[[Any], dict[str, Any]]] = {
    OnnxManifest: _dump_onnx,
    TrtManifest: _dump_trt,
    TorchManifest: _dump_torch,
    HuggingFaceManifest: _dump_hugging_face,
    TorchScriptManifest: _dump_torch_script,
    CoremlManifest: _dump_coreml,
    UltralyticsManifest: _dump_ultralytics,
}


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
