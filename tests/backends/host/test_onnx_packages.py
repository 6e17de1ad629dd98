"""Real packages in the host: a tiny YOLO-shaped network, and files that are anything but one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from host_running import RunningHost, running

from backends import InferenceParameters, load_package
from backends.errors import BadImage, BadParameter, BadTensor, ImageTruncated
from backends.host import PackageReference
from backends.host.errors import PackageFailedToLoad

onnx = pytest.importorskip("onnx")

CONFIGURATION = {
    "network_input": {
        "training_input_size": {"height": 64, "width": 64},
        "dynamic_spatial_size_supported": False,
        "color_mode": "rgb",
        "resize_mode": "letterbox",
        "padding_value": 114,
        "input_channels": 3,
        "scaling_factor": 255,
    },
    "post_processing": {"type": "nms", "fused": False},
}


def write_network(path: Path) -> None:
    """A YOLOv8-shaped network: whatever the picture, a box of class 1 at its centre (and its mean in the score)."""
    numbers = np.zeros((1, 6, 84), dtype=np.float32)
    numbers[0, :, 0] = (32, 32, 20, 10, 0.0, 0.5)
    helper, tensor = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "tenth"], ["share"]),
        helper.make_node("Mul", ["share", "mask"], ["shift"]),
        helper.make_node("Add", ["numbers", "shift"], ["output0"]),
    ]
    mask = np.zeros_like(numbers)
    mask[0, 5, 0] = 1
    constants = [
        onnx.numpy_helper.from_array(numbers, "numbers"),
        onnx.numpy_helper.from_array(mask, "mask"),
        onnx.numpy_helper.from_array(np.array(0.1, dtype=np.float32), "tenth"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", tensor, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("output0", tensor, [1, 6, 84])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))


def package(folder: Path, name: str = "tiny") -> PackageReference:
    """A package that really runs."""
    directory = folder / name
    directory.mkdir()
    write_network(directory / "weights.onnx")
    (directory / "class_names.txt").write_text("cat\ndog\n")
    (directory / "inference_config.json").write_text(json.dumps(CONFIGURATION))
    return PackageReference(name, directory, "yolov8", "object-detection", "onnx")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    folder = tmp_path_factory.mktemp("packages")
    with running(folder, loader="backends.host.loading:load", preload="onnxruntime") as host:
        yield host


@pytest.fixture
def picture() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (48, 96, 3), dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def test_predictions_are_those_of_the_same_package_in_this_process(
    host: RunningHost, tmp_path: Path, picture: bytes
) -> None:
    reference = package(tmp_path)
    (result,) = host.client.infer(reference, [picture], {"confidence": 0.3}).results
    with load_package(reference.directory, architecture="yolov8", task="object-detection", backend="onnx") as model:
        image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        (expected,) = model.infer([image], InferenceParameters(confidence=0.3))
    assert result == expected.to_json()
    assert [item["class"] for item in result["predictions"]] == ["dog"]


def test_it_describes_the_network(host: RunningHost, tmp_path: Path) -> None:
    host.client.load(package(tmp_path, "described"))
    info = next(info for info in host.client.loaded() if info.package_id == "described")
    assert (info.class_names, info.input_size, info.batch_limit) == (("cat", "dog"), (64, 64), 1)


def test_execution_providers_are_taken_from_the_options(host: RunningHost, tmp_path: Path, picture: bytes) -> None:
    reference = replace(package(tmp_path, "providers"), options={"providers": [["CPUExecutionProvider", {}]]})
    assert host.client.infer(reference, [picture]).results
    with pytest.raises(PackageFailedToLoad) as raised:
        host.client.load(replace(reference, options={"providers": ["NoSuchExecutionProvider"]}))
    assert raised.value.cause == "device-unavailable"


def test_bare_tensors_go_through_the_network(host: RunningHost, tmp_path: Path) -> None:
    reference = package(tmp_path, "tensors")
    reply = host.client.infer_tensors(reference, {"images": np.zeros((1, 3, 64, 64), dtype=np.float32)})
    assert reply.outputs["output0"].shape == (1, 6, 84)
    with pytest.raises(BadTensor):
        host.client.infer_tensors(reference, {"images": np.zeros((1, 3, 8, 8), dtype=np.float32)})


def test_bad_pictures_and_parameters_keep_their_codes(host: RunningHost, tmp_path: Path, picture: bytes) -> None:
    reference = package(tmp_path, "refusals")
    with pytest.raises(BadImage):
        host.client.infer(reference, [b"no picture at all"])
    with pytest.raises(ImageTruncated):
        host.client.infer(reference, [picture[:500]])
    with pytest.raises(BadParameter, match="confidence"):
        host.client.infer(reference, [picture], {"confidence": "much"})


@pytest.mark.parametrize("damage", ["random", "truncated", "text", "zip", "empty", "missing"])
def test_a_damaged_file_is_refused_and_the_host_stays(
    host: RunningHost, tmp_path: Path, picture: bytes, damage: str
) -> None:
    healthy, broken = package(tmp_path, f"healthy-{damage}"), package(tmp_path, f"broken-{damage}")
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
        host.client.infer(broken, [picture])
    assert str(tmp_path) not in raised.value.message
    assert host.client.infer(healthy, [picture]).results
    assert host.client.status()["pid"] == pid


def test_an_unknown_architecture_is_refused_with_its_name(host: RunningHost, tmp_path: Path) -> None:
    with pytest.raises(PackageFailedToLoad, match="yolov99") as raised:
        host.client.load(replace(package(tmp_path, "unknown"), architecture="yolov99"))
    assert raised.value.cause == "package-unsupported"


def test_unloading_everything_leaves_the_empty_host(host: RunningHost, tmp_path: Path, picture: bytes) -> None:
    for number in range(3):
        host.client.infer(package(tmp_path, f"empty-{number}"), [picture])
    host.client.unload_all(pinned=True)
    memory = host.client.status()["memory"]
    assert memory["measured"] - memory["base"] < 24 * 1024 * 1024
