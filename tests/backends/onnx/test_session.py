from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from backends.errors import (
    BadTensor,
    DeviceUnavailable,
    ModelClosed,
    PackageDamaged,
    RuntimeMissing,
    UnsupportedPackage,
)
from backends.onnx import OnnxSession
from backends.session import BatchPolicy, NetworkFiles, SessionOptions, TensorSpec
from tests.backends.networks import SIDE, constant_network, write_package

ANSWER = np.arange(18, dtype=np.float32).reshape(6, 3)


def _session(directory: Path, batch: int | str = "batch", **files: object) -> OnnxSession:
    write_package(directory, constant_network([ANSWER], batch))
    return OnnxSession(NetworkFiles(directory, "weights.onnx", **files), SessionOptions())  # type: ignore[arg-type]


def _images(count: int) -> np.ndarray:
    return np.zeros((count, 3, SIDE, SIDE), dtype=np.float32)


def test_inputs_and_outputs_are_described(tmp_path: Path) -> None:
    session = _session(tmp_path)
    assert session.inputs == (TensorSpec("images", "float32", (None, 3, SIDE, SIDE)),)
    assert session.outputs == (TensorSpec("output0", "float32", (None, 6, 3)),)


def test_the_batch_of_a_dynamic_network_is_limited_by_the_configuration(tmp_path: Path) -> None:
    assert _session(tmp_path).batch_policy == BatchPolicy(1, 16)
    assert _session(tmp_path, max_dynamic_batch_size=4).batch_policy == BatchPolicy(1, 4)


def test_the_batch_of_a_static_network_is_its_own(tmp_path: Path) -> None:
    assert _session(tmp_path, 2, max_dynamic_batch_size=4).batch_policy == BatchPolicy(2, 2)


@pytest.mark.parametrize("batch", ["batch", 1, 2, 4])
def test_any_number_of_images_runs(tmp_path: Path, batch: int | str) -> None:
    outputs = _session(tmp_path, batch, max_dynamic_batch_size=2).run(_images(3))
    np.testing.assert_array_equal(outputs[0], np.stack([ANSWER] * 3))


def test_tensors_run_by_name(tmp_path: Path) -> None:
    answers = _session(tmp_path).run_tensors({"images": _images(1)})
    np.testing.assert_array_equal(answers["output0"], ANSWER[None])


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {"photographs": _images(1)},
        {"images": _images(1), "more": _images(1)},
        {"images": _images(1).astype(np.float64)},
        {"images": _images(1)[:, :, :8]},
        {"images": _images(1)[0]},
    ],
)
def test_it_rejects_wrong_tensors(tmp_path: Path, tensors: dict[str, np.ndarray]) -> None:
    with pytest.raises(BadTensor):
        _session(tmp_path).run_tensors(tensors)


def test_it_rejects_an_empty_batch(tmp_path: Path) -> None:
    with pytest.raises(BadTensor):
        _session(tmp_path).run(_images(0))


def test_a_closed_session_does_not_run(tmp_path: Path) -> None:
    session = _session(tmp_path)
    session.close()
    session.close()
    with pytest.raises(ModelClosed):
        session.run(_images(1))


def test_runs_from_several_threads_agree(tmp_path: Path) -> None:
    session = _session(tmp_path)
    answers: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: answers.append(session.run(_images(2))[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert all(np.array_equal(answer, answers[0]) for answer in answers)


def test_its_memory_is_estimated_from_the_weights(tmp_path: Path) -> None:
    assert _session(tmp_path).memory_estimate > (tmp_path / "weights.onnx").stat().st_size


@pytest.mark.parametrize("kept", [0, 10, 300])
def test_it_rejects_a_truncated_file(tmp_path: Path, kept: int) -> None:
    write_package(tmp_path, constant_network([ANSWER]))
    content = (tmp_path / "weights.onnx").read_bytes()
    (tmp_path / "weights.onnx").write_bytes(content[:kept])
    with pytest.raises(PackageDamaged):
        OnnxSession(NetworkFiles(tmp_path, "weights.onnx"), SessionOptions())


def test_it_rejects_random_bytes(tmp_path: Path) -> None:
    (tmp_path / "weights.onnx").write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(PackageDamaged):
        OnnxSession(NetworkFiles(tmp_path, "weights.onnx"), SessionOptions())


def test_it_rejects_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        OnnxSession(NetworkFiles(tmp_path, "weights.onnx"), SessionOptions())


def test_it_says_when_the_operator_set_is_too_new(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([ANSWER], opset=999))
    with pytest.raises(UnsupportedPackage):
        OnnxSession(NetworkFiles(tmp_path, "weights.onnx"), SessionOptions())


def test_it_says_when_there_is_no_gpu(tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime can use a GPU")
    write_package(tmp_path, constant_network([ANSWER]))
    with pytest.raises(DeviceUnavailable):
        OnnxSession(NetworkFiles(tmp_path, "weights.onnx"), SessionOptions(device="cuda"))


def test_it_says_when_onnx_runtime_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(RuntimeMissing):
        OnnxSession(NetworkFiles(tmp_path, "weights.onnx"), SessionOptions())
