"""ResNet from plain PyTorch weights: the network is built by timm."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.errors import PackageConfigInvalid, RuntimeMissing
from backends.families.classification.timm_network import MOST_CLASSES, build_network
from backends.parameters import InferenceParameters
from backends.predictions import Classification
from backends.registry import load_package

CONFIG: dict[str, Any] = {
    "network_input": {
        "training_input_size": {"height": 64, "width": 64},
        "dynamic_spatial_size_supported": False,
        "color_mode": "rgb",
        "resize_mode": "stretch",
        "input_channels": 3,
        "scaling_factor": 255,
    },
    "model_initialization": {"num_classes": 2, "model_name": "test_resnet"},
}


def _package(directory: Path, kind: str, fused: bool = False) -> tuple[Path, Any]:
    """A package, and the network whose weights it has."""
    torch, timm = pytest.importorskip("torch"), pytest.importorskip("timm")
    torch.manual_seed(0)
    network = timm.create_model("test_resnet", pretrained=False, num_classes=2).eval()
    torch.save(network.state_dict(), directory / "weights.pth")
    document = CONFIG | {"post_processing": {"type": kind, "fused": fused}}
    (directory / "inference_config.json").write_text(json.dumps(document))
    (directory / "class_names.txt").write_text("cat\ndog\n")
    return directory, network


@pytest.mark.torch
@pytest.mark.parametrize(("task", "kind"), [("classification", "softmax"), ("multi-label-classification", "sigmoid")])
def test_the_answer_is_that_of_the_network(tmp_path: Path, task: str, kind: str) -> None:
    torch = pytest.importorskip("torch")
    package, network = _package(tmp_path, kind)
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    with load_package(package, architecture="resnet", task=task, backend="torch") as model:
        answers = model.infer([image, image[::-1]], InferenceParameters(confidence=0.0))
    for answer, shown in zip(answers, (image, image[::-1]), strict=True):
        assert isinstance(answer, Classification)
        tensor = torch.from_numpy(shown[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / np.float32(255))
        with torch.inference_mode():
            raw = network(tensor[None])[0]
        expected = torch.softmax(raw, 0) if kind == "softmax" else torch.sigmoid(raw)
        np.testing.assert_allclose(answer.scores, expected.numpy(), atol=1e-6)


@pytest.mark.torch
@pytest.mark.parametrize(
    "name", ["no_such_network", "hf-hub:timm/resnet18.a1_in1k", "local-dir:/tmp", "../resnet18", ""]
)
def test_it_takes_only_architectures_of_the_library(name: str) -> None:
    pytest.importorskip("timm")
    with pytest.raises(PackageConfigInvalid, match="model_name"):
        build_network({"model_name": name, "num_classes": 2})


@pytest.mark.torch
def test_the_name_of_trained_weights_is_only_a_name() -> None:
    pytest.importorskip("timm")
    assert build_network({"model_name": "test_resnet.r160_in1k", "num_classes": 3}).num_classes == 3


@pytest.mark.parametrize(
    "initialization",
    [
        None,
        {},
        {"model_name": "resnet18"},
        {"num_classes": 2},
        {"model_name": 3, "num_classes": 2},
        {"model_name": "resnet18", "num_classes": "2"},
        {"model_name": "resnet18", "num_classes": True},
        {"model_name": "resnet18", "num_classes": 0},
        {"model_name": "resnet18", "num_classes": MOST_CLASSES + 1},
    ],
)
def test_it_rejects_a_package_that_does_not_say_which_network(initialization: dict[str, Any] | None) -> None:
    with pytest.raises(PackageConfigInvalid, match="model_initialization"):
        build_network(initialization)


def test_it_says_when_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(RuntimeMissing, match="timm"):
        build_network({"model_name": "resnet18", "num_classes": 2})
