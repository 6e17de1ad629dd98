"""Packages of the size of a YOLOv8n, as many as wanted, no two of which have a file of weights in common."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bench._server import ROOT
from bench.slow_model import write_layout

GOLDEN = Path(os.environ.get("GOLDEN_DIR") or ROOT.parent / "shared" / "golden")
NAMES = ("yolov8n-shapes-od-onnx-static", "yolov8n-shapes-seg-onnx-static", "yolov10n-shapes-od-onnx")
DETECTOR = NAMES[0]
WEIGHTS = "weights.onnx"
# Of the generated one: channels after each convolution, each of which halves the image's sides while they are even.
SIDE = 320
CHANNELS = (16, 32, 64, 128, 256, 256, 256, 256, 256)
HALVINGS = 5
CLASSES = ("circle", "square")


def sources(folder: Path, names: Sequence[str] = NAMES) -> list[Path]:
    """Package directories to vary: those of GOLDEN_DIR, or a generated one in ``folder``, which finds nothing."""
    found = [path for path in (GOLDEN / name / "package" for name in names) if path.is_dir()]
    return found or [write_generated(folder / "generated")]


def varied(source: Path, folder: Path, numbers: Mapping[str, int]) -> dict[str, Path]:
    """Copies of ``source`` in ``folder``, by the ids of their models; ``numbers`` tell them apart.

    One weight of each is changed by so little that the answers stay the same.
    """
    model = onnx.load(source / WEIGHTS)
    tensor = next(each for each in model.graph.initializer if each.data_type == TensorProto.FLOAT and each.dims)
    original = numpy_helper.to_array(tensor)
    made = {}
    for model_id, number in numbers.items():
        directory = folder / model_id.replace("/", "-")
        shutil.copytree(source, directory, ignore=shutil.ignore_patterns(WEIGHTS), copy_function=shutil.copyfile)
        # Copied from a directory that may be read only.
        directory.chmod(0o755)
        changed = original.copy()
        changed.flat[0] = _next(changed.flat[0], number)
        tensor.CopyFrom(numpy_helper.from_array(changed, tensor.name))
        (directory / WEIGHTS).write_bytes(model.SerializeToString())
        made[model_id] = directory
    return made


def write_generated(directory: Path) -> Path:
    """Lay out a detector with the inputs, the number of weights, and about the work of a YOLOv8n."""
    rng = np.random.default_rng(1)
    nodes, weights, last, channels = [], [], "images", 3
    for number, wanted in enumerate(CHANNELS):
        weights.append(
            numpy_helper.from_array(
                rng.standard_normal((wanted, channels, 3, 3), dtype=np.float32) / np.float32(3 * channels**0.5),
                f"weight{number}",
            )
        )
        stride = 2 if number < HALVINGS else 1
        nodes += [
            helper.make_node(
                "Conv", [last, f"weight{number}"], [f"raw{number}"], strides=[stride] * 2, pads=[1, 1, 1, 1]
            ),
            helper.make_node("Relu", [f"raw{number}"], [f"out{number}"]),
        ]
        last, channels = f"out{number}", wanted
    rows, cells = 4 + len(CLASSES), (SIDE >> HALVINGS) ** 2
    weights += [
        numpy_helper.from_array(np.zeros((rows, channels, 1, 1), dtype=np.float32), "head"),
        numpy_helper.from_array(np.array([1, rows, cells]), "shape"),
    ]
    nodes += [
        helper.make_node("Conv", [last, "head"], ["boxes"]),
        helper.make_node("Reshape", ["boxes", "shape"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "generated",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, rows, cells])],
        weights,
    )
    return write_layout(directory, graph, side=SIDE, classes=CLASSES)


def model_ids(name: str, count: int) -> Iterator[str]:
    """The reference server wants two parts with a slash between, the second of them a number."""
    return (f"{name}/{number}" for number in range(1, count + 1))


def _next(value: np.float32, steps: int) -> np.float32:
    """The number that is ``steps`` representable ones away from ``value``."""
    for _ in range(steps):
        value = np.nextafter(value, np.float32(np.inf))
    return value
