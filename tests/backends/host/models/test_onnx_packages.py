"""Real packages in the host: a tiny YOLO-shaped network, and files that are anything but one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from host_packages import write_package
from host_running import RunningHost, running

from backends import InferenceParameters, load_package
from backends.errors import BadImage, BadParameter, BadTensor, ImageTruncated, PackageFailedToLoad


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    folder = tmp_path_factory.mktemp("packages")
    with running(folder, loader="backends.host.models.loading:PackageLoader", preload="onnxruntime") as host:
        yield host


@pytest.fixture
def image() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (48, 96, 3), dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def test_predictions_are_those_of_the_same_package_in_this_process(
    host: RunningHost, tmp_path: Path, image: bytes
) -> None:
    reference = write_package(tmp_path)
    (result,) = host.client.infer(reference, [image], {"confidence": 0.3}).results
    with load_package(reference.directory, architecture="yolov8", task="object-detection", backend="onnx") as model:
        decoded = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
        (expected,) = model.infer([decoded], InferenceParameters(confidence=0.3))
    assert result == expected.to_json()
    assert [item["class"] for item in result["predictions"]] == ["dog"]


def test_it_describes_the_network(host: RunningHost, tmp_path: Path) -> None:
    host.client.load(write_package(tmp_path, "described"))
    info = next(info for info in host.client.loaded() if info.package_id == "described")
    assert (info.class_names, info.input_size, info.batch_limit) == (("cat", "dog"), (64, 64), 1)


def test_execution_providers_are_taken_from_the_options(host: RunningHost, tmp_path: Path, image: bytes) -> None:
    reference = replace(write_package(tmp_path, "providers"), options={"providers": [["CPUExecutionProvider", {}]]})
    assert host.client.infer(reference, [image]).results
    with pytest.raises(PackageFailedToLoad) as raised:
        host.client.load(replace(reference, options={"providers": ["NoSuchExecutionProvider"]}))
    assert raised.value.cause == "device-unavailable"


def test_bare_tensors_go_through_the_network(host: RunningHost, tmp_path: Path) -> None:
    reference = write_package(tmp_path, "tensors")
    reply = host.client.infer_tensors(reference, {"images": np.zeros((1, 3, 64, 64), dtype=np.float32)})
    assert reply.outputs["output0"].shape == (1, 6, 84)
    with pytest.raises(BadTensor):
        host.client.infer_tensors(reference, {"images": np.zeros((1, 3, 8, 8), dtype=np.float32)})


def test_bad_images_and_parameters_keep_their_codes(host: RunningHost, tmp_path: Path, image: bytes) -> None:
    reference = write_package(tmp_path, "refusals")
    with pytest.raises(BadImage):
        host.client.infer(reference, [b"no image at all"])
    with pytest.raises(ImageTruncated):
        host.client.infer(reference, [image[:500]])
    with pytest.raises(BadParameter, match="confidence"):
        host.client.infer(reference, [image], {"confidence": "much"})


@pytest.mark.parametrize("damage", ["random", "truncated", "text", "zip", "empty", "missing"])
def test_a_damaged_file_is_refused_and_the_host_stays(
    host: RunningHost, tmp_path: Path, image: bytes, damage: str
) -> None:
    healthy, broken = write_package(tmp_path, f"healthy-{damage}"), write_package(tmp_path, f"broken-{damage}")
    pid = host.client.status()["pid"]
    host.client.load(healthy)
    file = broken.directory / "weights.onnx"
    content = {
        "random": os.urandom(20_000),
        "truncated": file.read_bytes()[:-1000],
        "text": b"<!DOCTYPE html><html>404</html>" * 50,
        "zip": b"PK\x03\x04" + bytes(5000),
        "empty": b"",
    }
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content[damage])
    with pytest.raises(PackageFailedToLoad) as raised:
        host.client.infer(broken, [image])
    assert str(tmp_path) not in raised.value.message
    assert host.client.infer(healthy, [image]).results
    assert host.client.status()["pid"] == pid


def test_an_unknown_architecture_is_refused_with_its_name(host: RunningHost, tmp_path: Path) -> None:
    with pytest.raises(PackageFailedToLoad, match="yolov99") as raised:
        host.client.load(replace(write_package(tmp_path, "unknown"), architecture="yolov99"))
    assert raised.value.cause == "package-unsupported"


def test_unloading_everything_leaves_the_empty_host(host: RunningHost, tmp_path: Path, image: bytes) -> None:
    for number in range(3):
        host.client.infer(write_package(tmp_path, f"empty-{number}"), [image])
    host.client.unload_all(pinned=True)
    memory = host.client.status()["memory"]
    assert memory["measured"] - memory["base"] < 24 * 1024 * 1024
