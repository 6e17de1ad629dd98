"""Weights of a prepared network are in memory once, whatever becomes of their file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from backends.errors import PackageDamaged
from backends.onnx import OnnxSession
from backends.onnx.weights import weights_of
from backends.session import NetworkFiles, SessionOptions

SIDE = 16


def convolution(dtype: type = np.float32) -> onnx.ModelProto:
    """Two convolutions, whose weights the runtime leaves as they are; NumPy knows ``dtype``."""
    random = np.random.default_rng(0)
    weights = [random.random((8, inputs, 3, 3)).astype(dtype) for inputs in (3, 8)]
    shapes = [1, 3, SIDE, SIDE], [1, 8, SIDE, SIDE]
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "first"], ["between"], pads=[1, 1, 1, 1]),
            helper.make_node("Conv", ["between", "second"], ["y"], pads=[1, 1, 1, 1]),
        ],
        "network",
        [helper.make_tensor_value_info("x", kind, shapes[0])],
        [helper.make_tensor_value_info("y", kind, shapes[1])],
        [numpy_helper.from_array(values, name) for values, name in zip(weights, ("first", "second"), strict=True)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture
def files(tmp_path: Path) -> NetworkFiles:
    """A network of convolutions, and what was prepared of it."""
    (tmp_path / "weights.onnx").write_bytes(convolution().SerializeToString())
    files = NetworkFiles(tmp_path, "weights.onnx", prepared=tmp_path / "prepared")
    (tmp_path / "prepared").mkdir()
    assert OnnxSession.prepare(files, SessionOptions(rewriting=False), tmp_path / "prepared")
    return files


def network_and_weights(files: NetworkFiles) -> tuple[Path, Path]:
    assert files.prepared is not None
    return files.prepared / "network.onnx", files.prepared / "network.weights"


def answer(session: OnnxSession) -> np.ndarray:
    image = np.random.default_rng(1).random((1, 3, SIDE, SIDE), dtype=np.float32)
    return session.run_tensors({"x": image})["y"]


def test_a_session_does_not_need_the_file_any_more(files: NetworkFiles) -> None:
    session = OnnxSession(files, SessionOptions())
    before = answer(session)
    _, weights = network_and_weights(files)
    weights.write_bytes(bytes(weights.stat().st_size))
    np.testing.assert_array_equal(answer(session), before)


def test_sessions_share_one_copy(files: NetworkFiles) -> None:
    paths = network_and_weights(files)
    sessions = [OnnxSession(files, SessionOptions(threads=threads)) for threads in (1, 2)]
    assert [session._loaded and session._loaded[1] for session in sessions] == [weights_of(onnxruntime, *paths)] * 2


def test_a_file_that_was_replaced_is_read_again(files: NetworkFiles) -> None:
    network, weights = network_and_weights(files)
    first = weights_of(onnxruntime, network, weights)
    other = weights.with_name("other")
    other.write_bytes(weights.read_bytes())
    other.replace(weights)
    assert weights_of(onnxruntime, network, weights) is not first


def test_a_run_that_goes_on_after_the_end_keeps_the_weights(files: NetworkFiles) -> None:
    paths = network_and_weights(files)
    session = OnnxSession(files, SessionOptions())
    running, used = session._loaded, weights_of(onnxruntime, *paths)
    session.close()
    assert running is not None
    assert running[1] is used
    assert weights_of(onnxruntime, *paths) is used


def test_a_network_of_half_precision_answers_as_it_does_unprepared(tmp_path: Path) -> None:
    (tmp_path / "weights.onnx").write_bytes(convolution(np.float16).SerializeToString())
    folder = tmp_path / "prepared"
    folder.mkdir()
    assert OnnxSession.prepare(NetworkFiles(tmp_path, "weights.onnx"), SessionOptions(rewriting=False), folder)
    image = np.random.default_rng(1).random((1, 3, SIDE, SIDE)).astype(np.float16)
    ready, plain = (
        OnnxSession(NetworkFiles(tmp_path, "weights.onnx", prepared=made), SessionOptions()) for made in (folder, None)
    )
    np.testing.assert_array_equal(ready.run_tensors({"x": image})["y"], plain.run_tensors({"x": image})["y"])


def test_a_network_without_large_weights_has_none(tmp_path: Path) -> None:
    assert weights_of(onnxruntime, tmp_path / "network.onnx", tmp_path / "network.weights") is None


def test_weights_that_end_too_early_are_damage(files: NetworkFiles) -> None:
    network, weights = network_and_weights(files)
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(PackageDamaged):
        weights_of(onnxruntime, network, weights)


def test_weights_of_another_shape_are_damage(files: NetworkFiles) -> None:
    network, weights = network_and_weights(files)
    model = onnx.load(network, load_external_data=False)
    next(tensor for tensor in model.graph.initializer if tensor.external_data).dims[0] += 1
    network.write_bytes(model.SerializeToString())
    with pytest.raises(PackageDamaged):
        weights_of(onnxruntime, network, weights)
