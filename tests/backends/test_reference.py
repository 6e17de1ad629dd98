"""Our answers beside the reference library's own, on configurations that no recorded prediction has.

The networks are small convolutions with fixed random weights, so that every pixel of the input counts. Needs
``inference-models`` (make conformance).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from backends import InferenceParameters, load_package
from backends.predictions import Detections
from tests.backends.networks import config, write_package

pytestmark = [pytest.mark.torch, pytest.mark.conformance]

CLASSES = 3
CELLS = 16
PIXELS = 64
LETTERBOX = {"resize_mode": "letterbox", "padding_value": 114}
DIVISIBLE = LETTERBOX | {
    "dynamic_spatial_size_supported": True,
    "dynamic_spatial_size_mode": {"type": "pad-to-be-divisible", "value": 32},
}
ANY_SIZE = {"dynamic_spatial_size_supported": True, "dynamic_spatial_size_mode": {"type": "any-size"}}
CROP = {"static-crop": {"enabled": True, "x_min": 13, "x_max": 88, "y_min": 7, "y_max": 71}}


def _network(layout: str, batch: int | str, dynamic: bool) -> onnx.ModelProto:
    """Images to cells of four pixels, each with a box near it and scores; in one of the families' layouts."""
    random = np.random.default_rng(5)
    extras = 32 if layout.endswith("segmentation") else 0
    final = layout.startswith("final")
    height, width = ("height", "width") if dynamic else (PIXELS, PIXELS)
    channels = (6 if final else 4 + CLASSES) + extras
    kernel = random.normal(0, 0.9, (channels, 3, 4, 4)).astype(np.float32) / 4
    kernel -= kernel.mean(axis=(2, 3), keepdims=True)
    kernel[4:7] *= 3
    scale = np.ones((channels, 1, 1), dtype=np.float32)
    shift = np.zeros((channels, 1, 1), dtype=np.float32)
    scale[:4], shift[:4] = np.full((4, 1, 1), 14), np.array([30, 30, 22, 18]).reshape(4, 1, 1)
    if final:
        # Corners instead of centre and size; confidence; class.
        shift[:4] = np.array([14, 14, 44, 40]).reshape(4, 1, 1)
    if extras:
        scale[-32:] = 3
    constants = {"kernel": kernel, "scale": scale, "shift": shift}
    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["cells"], strides=[4, 4]),
        helper.make_node("Tanh", ["cells"], ["squashed"]),
        helper.make_node("Mul", ["squashed", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["placed"]),
    ]
    parts = [4, 2, extras] if final else [4, CLASSES, extras]
    parts = [part for part in parts if part]
    names = [f"part{index}" for index in range(len(parts))]
    constants["parts"] = np.array(parts, dtype=np.int64)
    nodes.append(helper.make_node("Split", ["placed", "parts"], names, axis=1))
    if final:
        constants["two"] = np.array([1, 1], dtype=np.int64)
        constants["classes"] = np.array(CLASSES - 0.01, dtype=np.float32)
        nodes += [
            helper.make_node("Sigmoid", ["part1"], ["probabilities"]),
            helper.make_node("Split", ["probabilities", "two"], ["confidence", "choice"], axis=1),
            helper.make_node("Mul", ["choice", "classes"], ["chosen"]),
            helper.make_node("Floor", ["chosen"], ["class"]),
            helper.make_node("Concat", ["part0", "confidence", "class", *names[2:]], ["joined"], axis=1),
        ]
    else:
        nodes += [
            helper.make_node("Sigmoid", ["part1"], ["probabilities"]),
            helper.make_node("Concat", ["part0", "probabilities", *names[2:]], ["joined"], axis=1),
        ]
    constants["flat"] = np.array([0, channels, -1], dtype=np.int64)
    nodes.append(helper.make_node("Reshape", ["joined", "flat"], ["rows" if final else "output0"]))
    if final:
        nodes.append(helper.make_node("Transpose", ["rows"], ["output0"], perm=[0, 2, 1]))
    outputs = [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [batch, None, None])]
    if extras:
        constants["mask_kernel"] = random.normal(0, 0.5, (32, 3, 8, 8)).astype(np.float32) / 3
        nodes.append(
            helper.make_node("Conv", ["images", "mask_kernel"], ["output1"], strides=[4, 4], pads=[2, 2, 2, 2])
        )
        outputs.append(helper.make_tensor_value_info("output1", TensorProto.FLOAT, [batch, 32, None, None]))
    graph = helper.make_graph(
        nodes,
        layout,
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, height, width])],
        outputs,
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _image(height: int, width: int) -> np.ndarray:
    random = np.random.default_rng(height * 10_000 + width)
    coarse = random.integers(0, 256, (max(height // 9, 1), max(width // 9, 1), 3), dtype=np.uint8)

    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


IMAGES = [_image(90, 151), _image(64, 64), _image(33, 20), _image(480, 300), _image(10, 9)]

Case = tuple[str, str, str, int | str, dict[str, Any], dict[str, Any], dict[str, Any]]
DETECTION, SEGMENTATION = "object-detection", "instance-segmentation"
CASES: dict[str, Case] = {
    "dynamic batch": ("yolov9", DETECTION, "raw", "batch", LETTERBOX, {}, {}),
    "static batch of four": ("yolov11", DETECTION, "raw", 4, {}, {}, {}),
    "low confidence": ("yolov12", DETECTION, "raw", "batch", {}, {}, {"confidence": 0.1, "iou_threshold": 0.6}),
    "class-agnostic": ("yolov8", DETECTION, "raw", "batch", {}, {}, {"confidence": 0.2, "class_agnostic_nms": True}),
    "few": ("yolov8", DETECTION, "raw", 1, {}, {}, {"confidence": 0.2, "max_detections": 3}),
    "fused": ("yolov8", DETECTION, "final", "batch", LETTERBOX, {}, {"confidence": 0.5}),
    "fused, few": ("yolov11", DETECTION, "final", "batch", {}, {}, {"confidence": 0.5, "max_detections": 2}),
    "yolov10": ("yolov10", DETECTION, "final", 2, {}, CROP, {"confidence": 0.6}),
    "yolo26": ("yolo26", DETECTION, "final", "batch", {"resize_mode": "center-crop"}, {}, {}),
    "yolo26, few": ("yolo26", DETECTION, "final", 1, {}, {}, {"max_detections": 2}),
    "yolov10, few": ("yolov10", DETECTION, "final", 1, {}, {}, {"max_detections": 2, "confidence": 0.3}),
    "dynamic size": ("yolov8", DETECTION, "raw", "batch", DIVISIBLE, {}, {"image_size": [100, 70]}),
    "any size": ("yolov8", DETECTION, "raw", "batch", ANY_SIZE, {}, {"image_size": [88, 52]}),
    "any size, square": ("yolo26", DETECTION, "final", "batch", ANY_SIZE, {}, {"image_size": 96}),
    "any size, yolov10": ("yolov10", DETECTION, "final", "batch", ANY_SIZE, {}, {"image_size": [88, 52]}),
    "any size, as trained": ("yolov8", DETECTION, "raw", "batch", ANY_SIZE, {}, {}),
    "segmentation, dynamic size": (
        "yolov8", SEGMENTATION, "raw-segmentation", "batch", DIVISIBLE, {}, {"image_size": [100, 70]},
    ),
    "segmentation": ("yolov8", SEGMENTATION, "raw-segmentation", "batch", LETTERBOX, {}, {}),
    "segmentation, cropped": ("yolov11", SEGMENTATION, "raw-segmentation", 2, LETTERBOX, CROP, {}),
    "segmentation, centre": ("yolov8", SEGMENTATION, "raw-segmentation", 1, {"resize_mode": "center-crop"}, CROP, {}),
    "segmentation, reduced": (
        "yolov8", SEGMENTATION, "raw-segmentation", 1, {}, CROP, {"masks_resolution_factor": 0.3},
    ),
    "segmentation, raw values": (
        "yolov8", SEGMENTATION, "raw-segmentation", 1, {}, {},
        {"masks_smoothing_enabled": False, "masks_binarization_threshold": 0.1},
    ),
    "segmentation, fused": ("yolov8", SEGMENTATION, "final-segmentation", "batch", LETTERBOX, {}, {"confidence": 0.6}),
    "segmentation, yolo26": ("yolo26", SEGMENTATION, "final-segmentation", 1, LETTERBOX, {}, {"confidence": 0.6}),
}  # fmt: skip


def _write(directory: Path, case: Case) -> Path:
    architecture, task, layout, batch, network_input, steps, _ = case
    document = config(**network_input) | {"image_pre_processing": steps}
    network = _network(layout, batch, "dynamic_spatial_size_supported" in network_input)
    document["post_processing"] = {"type": "nms", "fused": layout.startswith("final")}
    package = write_package(directory, network, document, [f"class {i}" for i in range(CLASSES)])
    names = {"model_architecture": architecture, "task_type": task, "backend_type": "onnx"}
    (package / "model_config.json").write_text(json.dumps(names))
    return package


@pytest.mark.parametrize("name", CASES)
def test_it_answers_as_the_reference(name: str, tmp_path: Path) -> None:
    models = pytest.importorskip("inference_models")
    case = CASES[name]
    package = _write(tmp_path, case)
    architecture, task, parameters = case[0], case[1], case[-1]
    reference = models.AutoModel.from_pretrained(str(package), onnx_execution_providers=["CPUExecutionProvider"])
    features = ["nms_fused"] if case[2].startswith("final") and architecture == "yolov8" else []
    ours = load_package(package, architecture=architecture, task=task, backend="onnx", features=features)
    answers = ours.infer(IMAGES, InferenceParameters.from_mapping(parameters))
    found = 0
    for answer, expected in zip(answers, reference(IMAGES, **parameters), strict=True):
        assert isinstance(answer, Detections)
        found += len(answer)
        np.testing.assert_array_equal(answer.class_id, expected.class_id.numpy())
        np.testing.assert_allclose(answer.confidence, expected.confidence.numpy(), atol=1e-5, rtol=0)
        np.testing.assert_allclose(answer.xyxy, expected.xyxy.numpy(), atol=1e-4, rtol=0)
        if task == SEGMENTATION:
            _check_masks(answer, expected.mask.numpy())
    assert found > len(IMAGES)


def _check_masks(answer: Detections, expected: np.ndarray) -> None:
    assert answer.masks is not None
    ours = answer.masks.to_dense()
    assert ours.shape == expected.shape
    different = (ours != expected).sum(axis=(1, 2))
    # Random masks are full of edges: a pixel may differ where float32 rounds the other way, no more.
    assert (different <= np.maximum(2, 0.005 * expected.sum(axis=(1, 2)))).all()
