"""Runs inside the client's environment: exports RF-DETR from PyTorch to ONNX, and records what the client says.

    python rfdetr_recorder.py < cases.json > answers.json

The cases are a list of {"package", "recommended", "image", "params"}: a folder that gets its weights.onnx beside
weights.pth where it has none yet, and an image file. The answers are in their order, in the form of the golden cases.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import torch
from inference_models.models.rfdetr.rfdetr_object_detection_onnx import RFDetrForObjectDetectionONNX
from inference_models.models.rfdetr.rfdetr_object_detection_pytorch import RFDetrForObjectDetectionTorch
from inference_models.weights_providers.entities import RecommendedParameters

CPU = torch.device("cpu")


def export(package: Path) -> None:
    """With the names and the order of outputs that RF-DETR's own export has, for the package's size and no other."""
    model = RFDetrForObjectDetectionTorch.from_pretrained(str(package), device=CPU)
    size = model._inference_config.network_input.training_input_size
    network = model._model
    network.export()
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, size.height, size.width),),
        str(package / "weights.onnx"),
        input_names=["input"],
        output_names=["dets", "labels"],
        opset_version=17,
        dynamo=False,
    )


@lru_cache(maxsize=1)
def load(package: Path, recommended: str) -> RFDetrForObjectDetectionONNX:
    if not (package / "weights.onnx").exists():
        export(package)
    given = json.loads(recommended)
    return RFDetrForObjectDetectionONNX.from_pretrained(
        str(package),
        onnx_execution_providers=["CPUExecutionProvider"],
        device=CPU,
        recommended_parameters=None if given is None else RecommendedParameters(**given),
    )


def answer(case: dict[str, Any]) -> dict[str, Any]:
    model = load(Path(case["package"]), json.dumps(case["recommended"]))
    (found,) = model(cv2.imread(case["image"], cv2.IMREAD_COLOR), **case["params"])
    return {
        "xyxy": found.xyxy.tolist(),
        "class_id": found.class_id.tolist(),
        "confidence": found.confidence.tolist(),
    }


print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
