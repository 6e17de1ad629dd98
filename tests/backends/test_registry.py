from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from backends.errors import PackageConfigInvalid, PackageDamaged, UnsupportedPackage
from backends.model import LoadedModel
from backends.registry import find_implementation, implementations, load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

DETECTOR = {"architecture": "yolov8", "task": "object-detection", "backend": "onnx"}


def _load(directory: Path) -> LoadedModel:
    return load_package(directory, **DETECTOR)


def test_no_row_of_the_table_is_there_twice() -> None:
    keys = [(item.architecture, item.task, item.backend) for item in implementations()]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("architecture", ["yolov8", "yolov9", "yolov10", "yolov11", "yolov12", "yolo26"])
def test_all_detectors_run_on_onnx_and_tensorrt(architecture: str) -> None:
    for backend in ("onnx", "trt"):
        assert find_implementation(architecture, "object-detection", backend).weights


@pytest.mark.parametrize("architecture", ["yolov8", "yolov11", "yolo26"])
@pytest.mark.parametrize("backend", ["onnx", "torch-script", "trt"])
def test_all_segmenters_run_on_all_backends(architecture: str, backend: str) -> None:
    assert "inference_config.json" in find_implementation(architecture, "instance-segmentation", backend).files


def test_fused_suppression_is_a_feature_of_two_backends() -> None:
    assert find_implementation("yolov8", "object-detection", "onnx", ["nms_fused"]).backend == "onnx"
    with pytest.raises(UnsupportedPackage, match="nms_fused"):
        find_implementation("yolov8", "object-detection", "trt", ["nms_fused"])


def test_it_says_what_it_cannot_run() -> None:
    with pytest.raises(UnsupportedPackage, match="yolov5 for object-detection on trt"):
        find_implementation("yolov5", "object-detection", "trt")


def test_a_package_is_loaded(tmp_path: Path) -> None:
    model = _load(write_package(tmp_path, constant_network([np.zeros((6, 5))])))
    assert model.class_names == ("cat", "dog")
    assert model.input_size == (SIDE, SIDE)
    assert model.batch_limit == 16
    assert model.memory_estimate > 0


@pytest.mark.parametrize("name", ["weights.onnx", "class_names.txt", "inference_config.json"])
def test_it_names_the_missing_file(tmp_path: Path, name: str) -> None:
    write_package(tmp_path, constant_network([np.zeros((6, 5))]))
    (tmp_path / name).unlink()
    with pytest.raises(PackageDamaged, match=name.replace(".", r"\.")):
        _load(tmp_path)


def test_it_rejects_a_configuration_of_another_size(tmp_path: Path) -> None:
    document = config(training_input_size={"height": 32, "width": SIDE})
    with pytest.raises(PackageConfigInvalid, match="height is 32, the network says 64"):
        _load(write_package(tmp_path, constant_network([np.zeros((6, 5))]), document))


def test_it_rejects_a_detector_without_suppression(tmp_path: Path) -> None:
    document = config() | {"post_processing": None}
    with pytest.raises(PackageConfigInvalid, match="nms"):
        _load(write_package(tmp_path, constant_network([np.zeros((6, 5))]), document))


def test_it_rejects_a_segmenter_without_prototypes(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([np.zeros((38, 5))]))
    with pytest.raises(PackageDamaged, match="fewer outputs"):
        load_package(tmp_path, architecture="yolov8", task="instance-segmentation", backend="onnx")


def test_the_errors_alone_cost_nothing() -> None:
    code = "import sys, backends.errors; print('numpy' in sys.modules, 'cv2' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False", "False"]
