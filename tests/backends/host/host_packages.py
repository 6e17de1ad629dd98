"""A package that really runs: a tiny network in the shape of YOLOv8. Needs the onnx library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnx.numpy_helper

from backends.host import PackageReference

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
    """A YOLOv8-shaped network: whatever the image, a box of class 1 at its centre (and its mean in the score)."""
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


def write_package(folder: Path, name: str = "tiny") -> PackageReference:
    """A package that really runs."""
    directory = folder / name
    directory.mkdir()
    write_network(directory / "weights.onnx")
    (directory / "class_names.txt").write_text("cat\ndog\n")
    (directory / "inference_config.json").write_text(json.dumps(CONFIGURATION))
    return PackageReference(name, directory, "yolov8", "object-detection", "onnx")
