"""Damaged files for PyTorch and TensorRT, given to a real host: a load fails, and nothing else.

The packages are what they would be after verification: the hash is right, the content is not.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from host_packages import CONFIGURATION, write_network, write_package
from host_running import RunningHost, running

from backends.errors import BackendError, OutputNotFinite, PackageFailedToLoad
from backends.host import PackageReference

CLASSIFIER: dict[str, Any] = {
    "post_processing": {"type": "softmax", "fused": False},
    "model_initialization": {"model_name": "test_resnet", "num_classes": 2},
}
DAMAGED = {"package-damaged", "package-config-invalid"}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    folder = tmp_path_factory.mktemp("packages")
    # Importing PyTorch belongs to the load, and costs more memory than these networks.
    budget = 2048 * 1024 * 1024
    with running(folder, loader="backends.host.models.loading:PackageLoader", memory_budget=budget) as host:
        yield host


def _package(folder: Path, architecture: str, task: str, backend: str, **files: bytes) -> PackageReference:
    directory = folder / "broken"
    directory.mkdir()
    document = CONFIGURATION | {"forward_pass": {"static_batch_size": 1}}
    if architecture == "resnet":
        document |= CLASSIFIER
    (directory / "inference_config.json").write_text(json.dumps(document))
    (directory / "class_names.txt").write_text("cat\ndog\n")
    for name, content in files.items():
        (directory / name.replace("_", ".", 1)).write_bytes(content)
    return PackageReference(f"{folder.name}-broken", directory, architecture, task, backend)


def _refused(
    host: RunningHost, broken: PackageReference, tmp_path: Path, error: type[BackendError] = PackageFailedToLoad
) -> str:
    """The cause that the host gives; it must still be the same host, with the same healthy model."""
    healthy = write_package(tmp_path, f"{tmp_path.name}-healthy")
    image = cv2.imencode(".png", np.zeros((48, 96, 3), dtype=np.uint8))[1].tobytes()
    host.client.load(healthy)
    pid = host.client.status()["pid"]
    with pytest.raises(error) as raised:
        host.client.infer(broken, [image])
    assert str(tmp_path) not in raised.value.message
    assert host.client.infer(healthy, [image]).results
    assert host.client.status()["pid"] == pid
    assert host.reports == []
    return str(getattr(raised.value, "cause", raised.value.code))


def _onnx(tmp_path: Path) -> bytes:
    write_network(tmp_path / "other.onnx")
    return (tmp_path / "other.onnx").read_bytes()


def _weights() -> bytes:
    torch, timm = pytest.importorskip("torch"), pytest.importorskip("timm")
    buffer = io.BytesIO()
    torch.save(timm.create_model("test_resnet", num_classes=2).state_dict(), buffer)
    return buffer.getvalue()


def _script() -> bytes:
    torch = pytest.importorskip("torch")
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.trace(torch.nn.Conv2d(3, 6, 1).eval(), torch.zeros(1, 3, 64, 64)), buffer)
    return buffer.getvalue()


TORCH_DAMAGE: dict[str, Callable[[Path, bytes, bytes], bytes]] = {
    "random": lambda folder, own, other: os.urandom(20_000),
    "truncated": lambda folder, own, other: own[: len(own) // 2],
    "cut-at-the-end": lambda folder, own, other: own[:-30],
    "the-other-kind": lambda folder, own, other: other,
    "onnx": lambda folder, own, other: _onnx(folder),
    "text": lambda folder, own, other: b"<!DOCTYPE html><html>404</html>" * 50,
    "zip": lambda folder, own, other: b"PK\x03\x04" + bytes(5000),
    "empty": lambda folder, own, other: b"",
}


@pytest.mark.torch
@pytest.mark.parametrize("damage", TORCH_DAMAGE)
def test_damaged_weights_are_refused_and_the_host_stays(host: RunningHost, tmp_path: Path, damage: str) -> None:
    content = TORCH_DAMAGE[damage](tmp_path, _weights(), _script())
    broken = _package(tmp_path, "resnet", "classification", "torch", weights_pth=content)
    assert _refused(host, broken, tmp_path) in DAMAGED


@pytest.mark.torch
@pytest.mark.parametrize("damage", TORCH_DAMAGE)
def test_a_damaged_script_is_refused_and_the_host_stays(host: RunningHost, tmp_path: Path, damage: str) -> None:
    content = TORCH_DAMAGE[damage](tmp_path, _script(), _weights())
    broken = _package(tmp_path, "yolov8", "object-detection", "torch-script", weights_torchscript=content)
    assert _refused(host, broken, tmp_path) in DAMAGED


@pytest.mark.torch
def test_weights_that_are_no_numbers_fail_the_request_only(host: RunningHost, tmp_path: Path) -> None:
    content = _weights()
    middle = len(content) // 2
    # PyTorch does not compare checksums: such a file loads.
    content = content[: middle - 2000] + b"\xff" * 4000 + content[middle + 2000 :]
    broken = _package(tmp_path, "resnet", "classification", "torch", weights_pth=content)
    assert _refused(host, broken, tmp_path, OutputNotFinite) == "output-not-finite"


@pytest.mark.parametrize("damage", ["random", "truncated", "onnx", "text", "zip", "empty", "headless"])
def test_a_damaged_engine_is_refused_and_the_host_stays(host: RunningHost, tmp_path: Path, damage: str) -> None:
    engine = b"ftrt" + bytes(20) + bytes([10, 3, 0, 26]) + os.urandom(5000)
    content = {
        "random": os.urandom(20_000),
        "truncated": engine[:20],
        "onnx": _onnx(tmp_path),
        "text": b"<!DOCTYPE html><html>404</html>" * 50,
        "zip": b"PK\x03\x04" + bytes(5000),
        "empty": b"",
        "headless": engine[4:],
    }[damage]
    configuration = json.dumps({"static_batch_size": 1}).encode()
    broken = _package(
        tmp_path, "yolov8", "object-detection", "trt", engine_plan=content, **{"trt_config.json": configuration}
    )
    assert _refused(host, broken, tmp_path) in DAMAGED


def test_an_engine_that_begins_well_needs_the_library(host: RunningHost, tmp_path: Path) -> None:
    content = b"ftrt" + bytes(20) + bytes([10, 3, 0, 26]) + os.urandom(5000)
    configuration = json.dumps({"static_batch_size": 1}).encode()
    broken = _package(
        tmp_path, "yolov8", "object-detection", "trt", engine_plan=content, **{"trt_config.json": configuration}
    )
    # With the library but no GPU it is the device that is missing, with both the engine is damaged.
    assert _refused(host, broken, tmp_path) in {"runtime-missing", "device-unavailable", *DAMAGED}
