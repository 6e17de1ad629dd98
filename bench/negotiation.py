"""Negotiation among 100 packages: ours against the client's own function, on the same input, in one run.

Both sides run in the client's interpreter (``CLIENT_PYTHON``, by default ``.venvs/client/bin/python``), on
packages that are parsed already, and must give the same order before anything is timed. The last line of the
output is JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = 100
TURNS = 20
CALLS_IN_A_TURN = 25
TARGET_SECONDS = 0.002
TARGET_RATIO = 5.0

ENVIRONMENT: dict[str, Any] = {
    "gpu_available": True,
    "gpu_devices": ["tesla-t4"],
    "gpu_devices_cc": ["7.5"],
    "driver_version": "550.90.7",
    "cuda_version": "12.4",
    "trt_version": "10.3.0",
    "os_version": "ubuntu-22.04",
    "torch_available": True,
    "torch_version": "2.6.0",
    "torchvision_version": "0.21.0",
    "onnxruntime_version": "1.22.0",
    "available_onnx_execution_providers": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "hf_transformers_available": True,
    "trt_python_package_available": True,
}
REQUESTS: dict[str, dict[str, Any]] = {
    "default request": {"device": "cuda:0"},
    "everything allowed": {"device": "cuda:0", "allow_untrusted_packages": True, "quantization": []},
    "narrow request": {"device": "cuda:0", "backend": ["trt", "onnx"], "batch_size": [1, 8]},
}


def model_document() -> dict[str, Any]:
    """A wire document with 100 packages of five backends, sorted by id as our provider sends them."""
    entries = []
    for number in range(PACKAGES):
        batch: dict[str, Any] = {"dynamicBatchSize": True} if number % 3 else {"staticBatchSize": 1 + number % 8}
        quantization = ("fp32", "fp16", "int8", "unknown", "fp16")[number % 5]
        manifest: dict[str, Any] = {"quantization": quantization, **batch}
        kind = ("onnx", "trt", "torch-script", "trt", "onnx")[number // 5 % 5]
        manifest["type"], manifest["backendType"] = f"{kind}-model-package-v1", kind
        if kind == "onnx":
            manifest["opset"] = 15 + number % 9
        elif kind == "torch-script":
            manifest["supportedDeviceTypes"] = ["cpu", "cuda"]
            manifest["torchVersion"] = f"2.{number % 8}.0"
        else:
            manifest.update(
                minBatchSize=1,
                optBatchSize=4,
                maxBatchSize=8 + number % 4,
                cudaDeviceType=("tesla-t4", "nvidia-l4")[number % 7 == 0],
                cudaDeviceCC="7.5",
                cudaVersion=("12.4", "11.8", "12.6")[number % 3],
                trtVersion=("10.3.0", "8.6.1")[number % 4 == 0],
                sameCCCompatible=number % 2 == 0,
                trtForwardCompatible=number % 4 == 0,
                machineType="gpu-server",
                machineSpecs={
                    "type": "gpu-server-specs-v1",
                    "driverVersion": ("550.90.7", "535.104.5")[number % 2],
                    "osVersion": "ubuntu-22.04",
                },
            )
        entries.append(
            {
                "type": "external-model-package-v1",
                "packageId": f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}",
                "packageManifest": manifest,
                "packageFiles": [],
                "trustedSource": number % 10 != 0,
            }
        )
    return {
        "type": "external-model-metadata-v1",
        "modelId": "bench/model",
        "modelArchitecture": "yolov8",
        "taskType": "object-detection",
        "modelPackages": sorted(entries, key=lambda entry: entry["packageId"]),
    }


def ours(document: dict[str, Any], request: dict[str, Any]) -> Callable[[], list[str]]:
    """Our negotiation of the document's packages, ready to be called."""
    from negotiation import Environment, NegotiationRequest, negotiate_packages
    from negotiation.wire import parse_metadata

    model = parse_metadata(document).model
    environment, asked = Environment.from_json(ENVIRONMENT), NegotiationRequest.from_json(request)
    return lambda: negotiate_packages(model.packages, model.architecture, model.task, environment, asked).attempt_order


def theirs(document: dict[str, Any], request: dict[str, Any]) -> Callable[[], list[str]]:
    """The client's negotiation of the document's packages, ready to be called."""
    import torch
    from inference_models.models.auto_loaders import auto_negotiation, ranking
    from inference_models.runtime_introspection.core import RuntimeXRayResult
    from inference_models.weights_providers import roboflow
    from packaging.version import Version

    def version(name: str) -> Version | None:
        return Version(ENVIRONMENT[name]) if name in ENVIRONMENT else None

    versions = (
        "driver_version cuda_version trt_version l4t_version torch_version torchvision_version "
        "onnxruntime_version coremltools_version"
    )
    x_ray = RuntimeXRayResult(
        **{
            **ENVIRONMENT,
            **{name: version(name) for name in versions.split()},
            "gpu_devices_cc": [Version(text) for text in ENVIRONMENT["gpu_devices_cc"]],
            "jetson_type": None,
        }
    )
    for module in (auto_negotiation, ranking):
        module.x_ray_runtime_environment = lambda: x_ray
    auto_negotiation.get_selected_onnx_execution_providers = lambda: ["CUDAExecutionProvider"]
    metadata = roboflow.RoboflowModelMetadata.model_validate(document)
    packages = [roboflow.parse_model_package_metadata(entry) for entry in metadata.model_packages]
    batch_size = request.get("batch_size")

    def negotiate() -> list[str]:
        return [
            package.package_id
            for package in auto_negotiation.negotiate_model_packages(
                model_architecture=metadata.model_architecture,
                task_type=metadata.task_type,
                model_packages=packages,
                requested_backends=request.get("backend"),
                requested_batch_size=tuple(batch_size) if isinstance(batch_size, list) else batch_size,
                requested_quantization=request.get("quantization"),
                device=torch.device(request["device"]),
                allow_untrusted_packages=request.get("allow_untrusted_packages", False),
            )
        ]

    return negotiate


def seconds(calls: Sequence[Callable[[], object]]) -> list[list[float]]:
    """The durations of ``TURNS`` turns of ``CALLS_IN_A_TURN`` calls each.

    Turns alternate, so that a busy machine hits all alike; a turn is long enough to pay for the caches of the
    processor that the other one has filled.
    """
    durations: list[list[float]] = [[] for _ in calls]
    for _ in range(TURNS):
        for call, measured in zip(calls, durations, strict=True):
            for _ in range(CALLS_IN_A_TURN):
                started = time.perf_counter()
                call()
                measured.append(time.perf_counter() - started)
    return durations


def measure() -> dict[str, Any]:
    """Time every request on both sides."""
    document = model_document()
    results = []
    for name, request in REQUESTS.items():
        our_call, their_call = ours(document, request), theirs(document, request)
        order = our_call()
        if order != their_call():
            raise SystemExit(f"{name}: the two sides do not agree on the order")
        our_seconds, their_seconds = seconds([our_call, their_call])
        our_median, their_median = statistics.median(our_seconds), statistics.median(their_seconds)
        results.append(
            {
                "request": name,
                "survivors": len(order),
                "ours_ms": round(our_median * 1000, 3),
                "ours_p99_ms": round(statistics.quantiles(our_seconds, n=100)[98] * 1000, 3),
                "client_ms": round(their_median * 1000, 3),
                "ratio": round(their_median / our_median, 1),
            }
        )
    return {
        "packages": PACKAGES,
        "calls": TURNS * CALLS_IN_A_TURN,
        "results": results,
        "fast_enough": all(
            result["ours_ms"] < TARGET_SECONDS * 1000 and result["ratio"] >= TARGET_RATIO for result in results
        ),
    }


def main() -> None:
    """Measure in the client's interpreter and print a table and JSON. Exits with 1 if too slow."""
    if "--here" not in sys.argv:
        python = os.environ.get("CLIENT_PYTHON", str(ROOT / ".venvs/client/bin/python"))
        if not Path(python).exists():
            raise SystemExit("The client's interpreter is missing: set CLIENT_PYTHON.")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        raise SystemExit(subprocess.run([python, __file__, "--here"], env=environment, check=False).returncode)
    # The folder of this file holds a module of the package's name, which would hide it.
    sys.path = [str(ROOT), *(path for path in sys.path if Path(path).resolve() != Path(__file__).parent)]
    report = measure()
    print(f"{'request':20} {'survivors':>9} {'ours ms':>8} {'p99 ms':>8} {'client ms':>9} {'ratio':>6}")
    for row in report["results"]:
        print(
            f"{row['request']:20} {row['survivors']:9} {row['ours_ms']:8.3f} {row['ours_p99_ms']:8.3f} "
            f"{row['client_ms']:9.3f} {row['ratio']:6.1f}"
        )
    print(json.dumps(report))
    raise SystemExit(0 if report["fast_enough"] else 1)


if __name__ == "__main__":
    main()
