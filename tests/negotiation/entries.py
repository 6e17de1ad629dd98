"""Wire entries and packages for tests, sound unless told otherwise."""

from __future__ import annotations

from typing import Any

from negotiation import Environment
from negotiation.metadata import ParsedEntry
from negotiation.package import Package
from negotiation.wire import parse_metadata

MD5 = "0123456789abcdef0123456789abcdef"

T4 = Environment(
    gpu_available=True,
    gpu_devices=("tesla-t4",),
    gpu_devices_cc=("7.5",),
    driver_version="550.90.7",
    cuda_version="12.4",
    trt_version="10.3.0",
    os_version="ubuntu-22.04",
    torch_available=True,
    torch_version="2.6.0",
    torchvision_version="0.21.0",
    onnxruntime_version="1.22.0",
    available_onnx_execution_providers=("CUDAExecutionProvider", "CPUExecutionProvider"),
    hf_transformers_available=True,
    trt_python_package_available=True,
)
ORIN = Environment(
    gpu_available=True,
    gpu_devices=("orin",),
    gpu_devices_cc=("8.7",),
    driver_version="540.4.0",
    trt_version="10.3.0",
    jetson_type="nvidia-jetson-agx-orin",
    l4t_version="36.4.3",
    torch_available=True,
    torch_version="2.6.0",
    trt_python_package_available=True,
)
CPU = Environment(
    os_version="ubuntu-22.04",
    torch_available=True,
    torch_version="2.6.0",
    onnxruntime_version="1.20.1",
    available_onnx_execution_providers=("CPUExecutionProvider",),
)


def entry(package_id: str = "a", manifest: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """An entry of ``modelPackages``, an ONNX package unless ``manifest`` says otherwise."""
    return {
        "type": "external-model-package-v1",
        "packageId": package_id,
        "packageManifest": onnx() if manifest is None else manifest,
        "packageFiles": [{"fileHandle": "weights.onnx", "downloadUrl": "https://models.invalid/1", "md5Hash": MD5}],
        "trustedSource": True,
        **fields,
    }


def onnx(**fields: Any) -> dict[str, Any]:
    """A manifest: dynamic, fp32, opset 17."""
    return _manifest("onnx", **{"opset": 17, **fields})


def torch(**fields: Any) -> dict[str, Any]:
    return _manifest("torch", **fields)


def torch_script(**fields: Any) -> dict[str, Any]:
    return _manifest("torch-script", **{"supportedDeviceTypes": ["cpu", "cuda"], "torchVersion": "2.4.0", **fields})


def coreml(**fields: Any) -> dict[str, Any]:
    return _manifest("coreml", **fields)


def hugging_face(**fields: Any) -> dict[str, Any]:
    return {"type": "hf-model-package-v1", "backendType": "hf", "quantization": "fp32", **fields}


def trt(**fields: Any) -> dict[str, Any]:
    """A manifest of an engine that was compiled on the machine ``T4``."""
    machine = {"type": "gpu-server-specs-v1", "driverVersion": "550.90.7", "osVersion": "ubuntu-22.04"}
    return _manifest(
        "trt",
        **{
            "minBatchSize": 1,
            "optBatchSize": 4,
            "maxBatchSize": 8,
            "cudaDeviceType": "tesla-t4",
            "cudaDeviceCC": "7.5",
            "cudaVersion": "12.4",
            "trtVersion": "10.3.0",
            "machineType": "gpu-server",
            "machineSpecs": machine,
            **fields,
        },
    )


def jetson_trt(**fields: Any) -> dict[str, Any]:
    """A manifest of an engine that was compiled on the machine ``ORIN``."""
    specs = {
        "type": "jetson-machine-specs-v1",
        "l4tVersion": "36.4.3",
        "deviceName": "nvidia-jetson-agx-orin",
        "driverVersion": "540.4.0",
    }
    return trt(
        **{
            "cudaDeviceType": "orin",
            "cudaDeviceCC": "8.7",
            "machineType": "jetson",
            "machineSpecs": {**specs, **fields.pop("machineSpecs", {})},
            **fields,
        }
    )


def static(size: int) -> dict[str, Any]:
    """Fields of a manifest with one batch size."""
    return {"dynamicBatchSize": False, "staticBatchSize": size}


def document(*entries: Any, **fields: Any) -> dict[str, Any]:
    """The value of ``modelMetadata``: a YOLOv8 detector with these entries."""
    return {
        "type": "external-model-metadata-v1",
        "modelId": "shapes/1",
        "modelArchitecture": "yolov8",
        "taskType": "object-detection",
        "modelPackages": list(entries),
        **fields,
    }


def parsed(one_entry: Any) -> ParsedEntry:
    """What parsing makes of one entry."""
    return parse_metadata(document(one_entry)).entries[0]


def package(package_id: str = "a", manifest: dict[str, Any] | None = None, **fields: Any) -> Package:
    """The package of a sound entry."""
    package = parsed(entry(package_id, manifest, **fields)).package
    assert package is not None
    return package


def _manifest(kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": f"{kind}-model-package-v1",
        "backendType": kind,
        "quantization": "fp32",
        "dynamicBatchSize": True,
        **fields,
    }
