"""Packages that benches measure with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from bench._packages import SIDE, WEIGHTS, model_ids, varied, write_generated

YOLOV8N_BYTES = 12_141_965


def weights(directory: Path) -> dict[str, np.ndarray]:
    model = onnx.load(directory / WEIGHTS)
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def test_the_generated_package_is_about_as_large_as_a_yolov8n_and_runs(tmp_path: Path) -> None:
    network = write_generated(tmp_path) / WEIGHTS
    assert 0.8 < network.stat().st_size / YOLOV8N_BYTES < 1.2
    session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"images": np.zeros((1, 3, SIDE, SIDE), dtype=np.float32)})
    assert output.shape == (1, 6, 100)


def test_variations_differ_from_each_other_in_one_weight(tmp_path: Path) -> None:
    source = write_generated(tmp_path / "source")
    made = varied(source, tmp_path, {"bench/1": 1, "bench/2": 2})
    one, two = weights(made["bench/1"]), weights(made["bench/2"])
    assert one.keys() == two.keys()
    assert sum(int((one[name] != two[name]).sum()) for name in one) == 1
    assert all(np.allclose(one[name], two[name]) for name in one)


def test_variations_keep_the_other_files(tmp_path: Path) -> None:
    source = write_generated(tmp_path / "source")
    (made,) = varied(source, tmp_path, {"bench/1": 1}).values()
    assert sorted(path.name for path in made.iterdir()) == sorted(path.name for path in source.iterdir())


def test_ids_of_models_are_such_as_the_reference_server_takes() -> None:
    assert list(model_ids("bench", 2)) == ["bench/1", "bench/2"]
