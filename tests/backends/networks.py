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


def write_clip_package(
    directory: Path, *, side: int | str = SIDE, dimension: int = 3, context: int | str = 77, batch: int | str = "batch"
) -> Path:
    """Writes a CLIP package and returns its directory.

    The vector of an image is the mean of its channels, that of a text its first word's token, its second and the sum of
    all its tokens, in ten thousands; both end in ones up to the dimension.
    """
    directory.mkdir(parents=True, exist_ok=True)
    helper_info = helper.make_tensor_value_info
    rest = numpy_helper.from_array(np.ones((1, dimension - 3), dtype=np.float32), "rest")
    # The batch of the ones is made from the others, as a network of any batch has no number for it.
    ones = [
        helper.make_node("Slice", ["vector", "zero", "one", "axis"], ["column"]),
        helper.make_node("Mul", ["column", "nothing"], ["nothings"]),
        helper.make_node("Add", ["nothings", "rest"], ["ones"]),
        helper.make_node("Concat", ["vector", "ones"], ["output"], axis=1),
    ]
    numbers = [
        numpy_helper.from_array(np.array([value], dtype=np.int64), name)
        for name, value in (("zero", 0), ("one", 1), ("axis", 1), ("start", 1), ("end", 3))
    ]
    nothing = numpy_helper.from_array(np.zeros(1, dtype=np.float32), "nothing")
    scale = numpy_helper.from_array(np.array([1e-4], dtype=np.float32), "scale")
    output = [helper_info("output", TensorProto.FLOAT, [batch, dimension])]
    visual = helper.make_graph(
        [helper.make_node("ReduceMean", ["input"], ["vector"], axes=[2, 3], keepdims=0), *ones],
        "visual",
        [helper_info("input", TensorProto.FLOAT, [batch, 3, side, side])],
        output,
        [rest, nothing, *numbers],
    )
    textual = helper.make_graph(
        [
            helper.make_node("Cast", ["input"], ["tokens"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["tokens", "scale"], ["scaled"]),
            helper.make_node("Slice", ["scaled", "start", "end", "axis"], ["words"]),
            helper.make_node("ReduceSum", ["scaled", "axis"], ["sum"], keepdims=1),
            helper.make_node("Concat", ["words", "sum"], ["vector"], axis=1),
            *ones,
        ],
        "textual",
        [helper_info("input", TensorProto.INT32, ["batch", context])],
        [helper_info("output", TensorProto.FLOAT, ["batch", dimension])],
        [rest, nothing, scale, *numbers],
    )
    for name, graph in (("visual.onnx", visual), ("textual.onnx", textual)):
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        (directory / name).write_bytes(model.SerializeToString())
    kind = {"model_architecture": "clip", "task_type": "embedding", "backend_type": "onnx"}
    (directory / "model_config.json").write_text(json.dumps(kind))
    return directory


KEY_POINTS = [
    {"object_class_id": 0, "keypoints": {"0": "nose"}, "edges": []},
    {"object_class_id": 1, "keypoints": {"0": "nose", "1": "tail"}, "edges": [{"from": 0, "to": 1}]},
]


def write_map_package(directory: Path, task: str) -> Path:
    """Writes a YOLO26 package for a task beyond boxes, and returns its directory; its answers are always the same.

    Key points: a dog, of whose two key points the tail is hidden. Semantic segmentation: the left half background, the
    right half cats, as good as certain. Depth: from 1 metre on the left to 16 on the right.
    """
    quarter = SIDE // 4
    names, post_processing = ("background", "cat"), {"post_processing": None}
    if task == "keypoint-detection":
        names = ("cat", "dog")
        output = np.array([[8, 8, 40, 24, 0.75, 1, 10, 12, 0.5, 30, 20, 0.125]], dtype=np.float32)
    elif task == "semantic-segmentation":
        output = np.zeros((2, quarter, quarter), dtype=np.float32)
        output[0, :, : quarter // 2] = output[1, :, quarter // 2 :] = 20
    else:
        output = np.tile(np.arange(1, quarter + 1, dtype=np.float32), (1, quarter, 1))
    write_package(directory, constant_network([output]), config() | post_processing, names)
    if task == "keypoint-detection":
        (directory / "keypoints_metadata.json").write_text(json.dumps(KEY_POINTS))
    if task == "depth-estimation":
        (directory / "class_names.txt").unlink()
    kind = {"model_architecture": "yolo26", "task_type": task, "backend_type": "onnx"}
    (directory / "model_config.json").write_text(json.dumps(kind))
    return directory
