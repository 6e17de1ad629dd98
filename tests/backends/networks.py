"""Small ONNX networks for tests: they take images and answer what they were told to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 64


def constant_network(
    outputs: Sequence[np.ndarray],
    batch: int | str = "batch",
    side: int = SIDE,
    opset: int = 17,
    nan_above: float | None = None,
) -> onnx.ModelProto:
    """A network (batch, 3, side, side) whose answers are ``outputs`` for each image, whatever it shows.

    With ``nan_above`` all of them are NaN for an image whose mean, scaled to 0..1, is above it.
    """
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Sub", ["brightest", "mean"], ["left"]),
        helper.make_node("Sqrt", ["left"], ["root"]),
        helper.make_node("Mul", ["mean" if nan_above is None else "root", "nothing"], ["zero"]),
    ]
    initializers = [
        numpy_helper.from_array(np.zeros(1, dtype=np.float32), "nothing"),
        numpy_helper.from_array(np.array([nan_above or 0], dtype=np.float32), "brightest"),
    ]
    infos = []
    for index, output in enumerate(outputs):
        array = output.astype(np.float32)[None]
        initializers.append(numpy_helper.from_array(array, f"value{index}"))
        shape = np.array([-1] + [1] * output.ndim, dtype=np.int64)
        initializers.append(numpy_helper.from_array(shape, f"shape{index}"))
        nodes.append(helper.make_node("Reshape", ["zero", f"shape{index}"], [f"zero{index}"]))
        nodes.append(helper.make_node("Add", [f"zero{index}", f"value{index}"], [f"output{index}"]))
        infos.append(helper.make_tensor_value_info(f"output{index}", TensorProto.FLOAT, [batch, *output.shape]))
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, side, side])
    graph = helper.make_graph(nodes, "constant", [images], infos, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def config(**changes: Any) -> dict[str, Any]:
    """An inference_config.json for such a network; ``changes`` go into ``network_input``."""
    return {
        "network_input": {
            "training_input_size": {"height": SIDE, "width": SIDE},
            "dynamic_spatial_size_supported": False,
            "color_mode": "rgb",
            "resize_mode": "stretch",
            "input_channels": 3,
            "scaling_factor": 255,
            **changes,
        },
        "post_processing": {"type": "nms", "fused": False},
    }


def write_package(
    directory: Path,
    network: onnx.ModelProto,
    document: Mapping[str, Any] | None = None,
    class_names: Sequence[str] = ("cat", "dog"),
) -> Path:
    """Writes an ONNX package and returns its directory."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "weights.onnx").write_bytes(network.SerializeToString())
    (directory / "inference_config.json").write_text(json.dumps(document if document is not None else config()))
    (directory / "class_names.txt").write_text("\n".join(class_names))
    return directory


def raw_detections(*boxes: Sequence[float], classes: int = 2, extras: int = 0) -> np.ndarray:
    """YOLOv8's layout (4 + classes + extras, N) from rows of centre x, y, width, height, class id, score, extras."""
    output = np.zeros((4 + classes + extras, len(boxes)), dtype=np.float32)
    for column, (x, y, width, height, class_id, score, *extra) in enumerate(boxes):
        output[:4, column] = x, y, width, height
        output[4 + int(class_id), column] = score
        output[4 + classes :, column] = extra
    return output
