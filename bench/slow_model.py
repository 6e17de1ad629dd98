"""A package in the YOLOv8 layout that finds nothing and takes its time: for tests of queues and overload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import GraphProto, TensorProto, helper, numpy_helper

SIDE = 1024


def write_slow_package(directory: Path, products: int = 12) -> Path:
    """Lay out a package whose every run multiplies ``products`` matrices of 1024 x 1024 (2 GFLOP each)."""
    rng = np.random.default_rng(1)
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0, axes=[0, 1, 2, 3]),
        helper.make_node("Add", ["matrix", "mean"], ["product0"]),
    ]
    for number in range(products):
        nodes += [
            helper.make_node("MatMul", [f"product{number}", "matrix"], [f"raw{number}"]),
            helper.make_node("Tanh", [f"raw{number}"], [f"product{number + 1}"]),
        ]
    nodes += [
        helper.make_node("ReduceMean", [f"product{products}"], ["last"], keepdims=0, axes=[0, 1]),
        helper.make_node("Mul", ["last", "zero"], ["nothing"]),
        helper.make_node("Add", ["boxes", "nothing"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "slow",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 5, 8])],
        [
            numpy_helper.from_array(rng.standard_normal((SIDE, SIDE), dtype=np.float32) / 32, "matrix"),
            numpy_helper.from_array(np.float32(0), "zero"),
            numpy_helper.from_array(np.zeros((1, 5, 8), dtype=np.float32), "boxes"),
        ],
    )
    return write_layout(directory, graph, side=64, classes=("thing",))


def write_layout(directory: Path, graph: GraphProto, *, side: int, classes: Sequence[str]) -> Path:
    """Write the files of a package around a network with the inputs and outputs of a YOLOv8 detector."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "weights.onnx").write_bytes(model.SerializeToString())
    (directory / "class_names.txt").write_text("".join(f"{name}\n" for name in classes))
    (directory / "model_config.json").write_text(
        json.dumps({"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"})
    )
    (directory / "inference_config.json").write_text(
        json.dumps(
            {
                "network_input": {
                    "training_input_size": {"height": side, "width": side},
                    "dynamic_spatial_size_supported": False,
                    "color_mode": "rgb",
                    "resize_mode": "letterbox",
                    "padding_value": 127,
                    "input_channels": 3,
                    "scaling_factor": 255,
                },
                "forward_pass": {"static_batch_size": 1},
                "post_processing": {"type": "nms", "fused": False},
            }
        )
    )
    return directory
