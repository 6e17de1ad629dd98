"""A model whose packages suit different machines, and a server whose environment is always the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

L4_ENGINE = {
    "quantization": "fp16", "static_batch_size": 1, "cuda_device_type": "nvidia-l4", "cuda_device_cc": "8.9",
    "cuda_version": "12.8", "trt_version": "10.12.0.36", "machine_type": "gpu-server",
    "driver_version": "570.124.06", "os_version": "ubuntu-22.04",
}  # fmt: skip
TORCH_SCRIPT = {
    "quantization": "fp32", "static_batch_size": 2, "supported_device_types": ["cpu", "cuda"], "torch_version": "2.6.0",
}  # fmt: skip


@pytest.fixture
def cpu_box(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """This server is the catalogue's CPU server. Returns what detection says."""
    from inference_app.services import environment
    from negotiation.machines import find_machine

    found = find_machine("cpu-server").environment
    described = {
        "environment": found.to_json(),
        "fingerprint": found.fingerprint(),
        "fields": [{"field": "os_version", "value": found.os_version, "source": "/etc/os-release", "problem": None}],
        "probes": [{"name": "os", "source": "os", "value": "ubuntu", "problem": "odd", "milliseconds": 1.5}],
        "problems": ["os: odd"],
        "milliseconds": 3.5,
    }
    monkeypatch.setattr(environment, "describe", lambda: described)
    return described


@pytest.fixture
def mixed(model: Any, make_package: Callable[..., Any]) -> dict[str, Any]:
    """The packages of `shapes/1` by a name of ours."""
    return {
        "onnx": make_package(model),
        "half": make_package(model, quantization="fp16", dynamic_batch_size=False, static_batch_size=1),
        "engine": make_package(model, "trt", files={"engine.plan": b"an engine"}, **L4_ENGINE),
        "script": make_package(model, "torch-script", files={"weights.torchscript": b"an archive"}, **TORCH_SCRIPT),
        "untrusted": make_package(model, trusted=False, files={"weights.onnx": b"from somewhere"}),
    }
