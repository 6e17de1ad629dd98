"""Random cases: a family, a configuration, an image and the parameters of a call, each from its own number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.conformance.sweep.families import FAMILIES, Output, Subject

NAMES = ("cat", "dog", "horse")
SIDES = (64, 96)
RESIZE_MODES = ("stretch", "letterbox", "center-crop", "letterbox-reflect-edges", "fit-longer-edge")
CONTRASTS = ("Adaptive Equalization", "Contrast Stretching", "Histogram Equalization")


@dataclass(frozen=True)
class Case:
    """``parameters`` as the library takes them; ``recommended``: its recommended parameters, or None."""

    subject: Subject
    directory: Path
    image: Path
    parameters: dict[str, Any]
    recommended: dict[str, Any] | None


def make_case(number: int, folder: Path) -> Case:
    """Writes a package and an image into the folder. The same number makes the same case, on every machine."""
    random = np.random.default_rng([20260801, number])
    subject = FAMILIES[number % len(FAMILIES)]
    side = int(random.choice(SIDES))
    directory = folder / f"{number}-{subject.name}"
    directory.mkdir()
    outputs = subject.outputs(random, len(NAMES), side)
    (directory / "weights.onnx").write_bytes(_network(random, subject, outputs, side).SerializeToString())
    (directory / "inference_config.json").write_text(json.dumps(_config(random, subject, side)))
    (directory / "class_names.txt").write_text("\n".join(NAMES))
    names = {"model_architecture": subject.architecture, "task_type": subject.task, "backend_type": "onnx"}
    (directory / "model_config.json").write_text(json.dumps(names))
    image = directory / "image.png"
    cv2.imwrite(str(image), _image(random))
    return Case(subject, directory, image, _parameters(random, subject), _recommended(random))


def _network(random: np.random.Generator, subject: Subject, outputs: Sequence[Output], side: int) -> onnx.ModelProto:
    """Answers ``outputs``, moved by a weighted sum of the image: a wrong pixel is seen in every number."""
    weights = random.normal(0, 1, (1, 3, side, side)).cumsum(axis=2).cumsum(axis=3)
    weights = (weights / np.abs(weights).sum() * 6).astype(np.float32)
    nodes = [
        helper.make_node("Mul", ["images", "weights"], ["weighted"]),
        helper.make_node("ReduceSum", ["weighted", "axes"], ["sum"], keepdims=0),
        helper.make_node("Sigmoid", ["sum"], ["level"]),
    ]
    initializers = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.array([1, 2, 3]), "axes"),
    ]
    infos = []
    for index, (value, slope) in enumerate(outputs):
        name, batch = f"output{index}", subject.batch
        if index in subject.shared:
            initializers.append(numpy_helper.from_array(value, f"value{index}"))
            nodes.append(helper.make_node("Identity", [f"value{index}"], [name]))
            infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape))
            continue
        initializers += [
            numpy_helper.from_array(value[None], f"value{index}"),
            numpy_helper.from_array(slope[None], f"slope{index}"),
            numpy_helper.from_array(np.array([-1] + [1] * value.ndim), f"shape{index}"),
        ]
        nodes += [
            helper.make_node("Reshape", ["level", f"shape{index}"], [f"level{index}"]),
            helper.make_node("Mul", [f"level{index}", f"slope{index}"], [f"moved{index}"]),
            helper.make_node("Add", [f"moved{index}", f"value{index}"], [name]),
        ]
        infos.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, *value.shape]))
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [subject.batch, 3, side, side])
    graph = helper.make_graph(nodes, "sweep", [images], infos, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _config(random: np.random.Generator, subject: Subject, side: int) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    if random.random() < 0.4:
        left, top = (int(value) for value in random.integers(0, 40, 2))
        right, bottom = (int(value) for value in random.integers(60, 101, 2))
        steps["static-crop"] = {"enabled": True, "x_min": left, "x_max": right, "y_min": top, "y_max": bottom}
    if random.random() < 0.2:
        steps["grayscale"] = {"enabled": True}
    if random.random() < 0.2:
        steps["contrast"] = {"enabled": True, "type": str(random.choice(CONTRASTS))}
    normalization = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]] if random.random() < 0.3 else None
    document: dict[str, Any] = {
        "image_pre_processing": steps,
        "network_input": {
            "training_input_size": {"height": side, "width": side},
            "dynamic_spatial_size_supported": False,
            "color_mode": str(random.choice(["rgb", "bgr"])),
            "resize_mode": str(random.choice(RESIZE_MODES)),
            "padding_value": int(random.choice([0, 114, 127, 255])),
            "input_channels": 3,
            "scaling_factor": int(random.choice([255, 255, 128])),
            "normalization": normalization,
        },
        "forward_pass": {"static_batch_size": None, "max_dynamic_batch_size": 2},
        "post_processing": subject.post_processing,
    }
    if random.random() < 0.2:
        document["class_names_operations"] = [{"type": "class_name_removal", "class_name": str(random.choice(NAMES))}]
    return document


def _image(random: np.random.Generator) -> np.ndarray:
    """Soft colours with sharp shapes, of any proportions."""
    height, width = (int(value) for value in random.integers(20, 500, 2))
    soft = random.integers(0, 256, (6, 6, 3)).astype(np.uint8)
    image = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(random.integers(1, 8))):
        x, y, size = int(random.integers(width)), int(random.integers(height)), int(random.integers(3, 90))
        cv2.rectangle(
            image, (x, y), (x + size, y + size // 2), [int(value) for value in random.integers(0, 256, 3)], -1
        )
    return np.asarray(image)


def _parameters(random: np.random.Generator, subject: Subject) -> dict[str, Any]:
    if subject.task == "classification":
        return {}
    # A number must be a float: the library ignores whole ones.
    confidence = [None, "default", "best", float(np.round(random.uniform(0.01, 0.9), 3))][int(random.integers(4))]
    parameters: dict[str, Any] = {} if confidence is None else {"confidence": confidence}
    if random.random() < 0.5:
        parameters["iou_threshold"] = float(np.round(random.uniform(0.05, 0.95), 3))
    if random.random() < 0.3:
        parameters["max_detections"] = int(random.integers(1, 20))
    if random.random() < 0.3:
        parameters["class_agnostic_nms"] = True
    if subject.task == "instance-segmentation" and random.random() < 0.4:
        parameters["masks_resolution_factor"] = float(random.choice([0.0, 0.25, 0.5]))
    return parameters


def _recommended(random: np.random.Generator) -> dict[str, Any] | None:
    if random.random() < 0.4:
        return None
    of_classes = {name: float(np.round(random.uniform(0.05, 0.9), 3)) for name in NAMES if random.random() < 0.5}
    return {"confidence": float(np.round(random.uniform(0.05, 0.9), 3)), "per_class_confidence": of_classes or None}
