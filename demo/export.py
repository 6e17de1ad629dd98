"""Write the trained network as packages, laid out as the client keeps them on its disk.

Run ``python -m demo.export`` to make ``demo/packages`` again from ``demo/weights.npz``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import onnx
import torch

from demo.detect import PADDING
from demo.draw import CLASS_NAMES
from demo.network import STRIDES, ExportedDetector, ShapeDetector, load_network

INPUT_SIZE = 320
CELLS = sum((INPUT_SIZE // stride) ** 2 for stride in STRIDES)
OPSET = 17
MOST_IN_A_BATCH = 16


def export_onnx(network: ShapeDetector, path: Path, *, dynamic_batch: bool) -> None:
    """Write an ONNX file with the input ``images`` and the output ``output0``."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The exporter warns that it keeps the sizes of the feature maps as constants, which is what we want.
        warnings.simplefilter("ignore")
        raw = Path(folder) / "weights.onnx"
        torch.onnx.export(
            ExportedDetector(network).eval(),
            (torch.zeros(1, 3, INPUT_SIZE, INPUT_SIZE),),
            str(raw),
            opset_version=OPSET,
            input_names=["images"],
            output_names=["output0"],
            dynamic_axes={"images": {0: "batch"}, "output0": {0: "batch"}} if dynamic_batch else None,
            dynamo=False,
        )
        model = onnx.load(raw)
    # The exporter leaves names of its own making for the sizes it did not follow, although they never change.
    sizes = model.graph.output[0].type.tensor_type.shape.dim
    sizes[1].dim_value, sizes[2].dim_value = 4 + len(CLASS_NAMES), CELLS
    model.producer_name, model.producer_version = "weighbridge-demo", ""
    model.doc_string = "Shape detector of the Weighbridge project. Apache-2.0."
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def write_package(network: ShapeDetector, folder: Path, *, dynamic_batch: bool) -> None:
    """Write one ONNX package: weights, class names and the two configuration files."""
    folder.mkdir(parents=True, exist_ok=True)
    export_onnx(network, folder / "weights.onnx", dynamic_batch=dynamic_batch)
    (folder / "class_names.txt").write_text("\n".join(CLASS_NAMES) + "\n", encoding="ascii")
    model = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}
    inference = {
        "image_pre_processing": {},
        "network_input": {
            "training_input_size": {"height": INPUT_SIZE, "width": INPUT_SIZE},
            "dynamic_spatial_size_supported": False,
            "color_mode": "rgb",
            "resize_mode": "letterbox",
            "padding_value": PADDING,
            "input_channels": 3,
            "scaling_factor": 255,
            "normalization": None,
        },
        "forward_pass": {
            "static_batch_size": None if dynamic_batch else 1,
            "max_dynamic_batch_size": MOST_IN_A_BATCH if dynamic_batch else None,
        },
        "post_processing": {"type": "nms", "fused": False},
    }
    for name, content in (("model_config.json", model), ("inference_config.json", inference)):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")


def write_packages(network: ShapeDetector, folder: Path) -> None:
    """Write ``onnx-dynamic`` and ``onnx-static`` below ``folder``, replacing what was there."""
    for name, dynamic_batch in (("onnx-dynamic", True), ("onnx-static", False)):
        shutil.rmtree(folder / name, ignore_errors=True)
        write_package(network, folder / name, dynamic_batch=dynamic_batch)


if __name__ == "__main__":
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, nargs="?", default=here / "weights.npz")
    parser.add_argument("--to", type=Path, default=here / "packages")
    arguments = parser.parse_args()
    write_packages(load_network(arguments.weights), arguments.to)
