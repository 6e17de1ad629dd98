"""A prepared network answers as the network does, from files of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from backends.errors import BackendError, PackageDamaged
from backends.onnx import OnnxSession, prepared
from backends.session import NetworkFiles, SessionOptions
from tests.backends import golden
from tests.backends.networks import constant_network, raw_detections, write_package

DETECTION = raw_detections((20, 20, 10, 10, 1, 0.9), (40, 40, 8, 8, 0, 0.6))
AS_IT_IS = SessionOptions(rewriting=False)
NETWORK, WEIGHTS = "network.onnx", "network.weights"


def heavy_network() -> onnx.ModelProto:
    """y = x * weights, of a few thousand weights."""
    weights = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    shape = onnx.TensorProto.FLOAT, [1, 64]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weights"], ["y"])],
        "network",
        [helper.make_tensor_value_info("x", *shape)],
        [helper.make_tensor_value_info("y", *shape)],
        [numpy_helper.from_array(weights, "weights")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def prepare(directory: Path, target: Path, weights: str = "weights.onnx", options: SessionOptions = AS_IT_IS) -> None:
    target.mkdir()
    assert OnnxSession.prepare(NetworkFiles(directory, weights), options, target)


def answers(directory: Path, folder: Path | None, weights: str = "weights.onnx") -> dict[str, np.ndarray]:
    """What the network answers to numbers between 0 and 1."""
    session = OnnxSession(NetworkFiles(directory, weights, prepared=folder), SessionOptions())
    random = np.random.default_rng(0)
    tensors = {}
    for spec in session.inputs:
        shape = [64 if side is None and axis > 1 else side or 1 for axis, side in enumerate(spec.shape)]
        values = random.random(shape) if np.dtype(spec.dtype).kind == "f" else np.ones(shape)
        tensors[spec.name] = values.astype(spec.dtype)
    return session.run_tensors(tensors)


def test_weights_lie_in_a_file_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "weights.onnx").write_bytes(heavy_network().SerializeToString())
    prepare(tmp_path, tmp_path / "prepared")
    assert {path.name for path in (tmp_path / "prepared").iterdir()} == {NETWORK, WEIGHTS}
    np.testing.assert_array_equal(answers(tmp_path, tmp_path / "prepared")["y"], answers(tmp_path, None)["y"])


def test_it_says_of_itself_what_the_network_says(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([DETECTION], batch="batch"))
    prepare(tmp_path, tmp_path / "prepared")
    files = NetworkFiles(tmp_path, "weights.onnx")
    plain = OnnxSession(files, SessionOptions())
    ready = OnnxSession(NetworkFiles(tmp_path, "weights.onnx", prepared=tmp_path / "prepared"), SessionOptions())
    assert (ready.inputs, ready.outputs, ready.batch_policy) == (plain.inputs, plain.outputs, plain.batch_policy)
    assert ready.memory_estimate == plain.memory_estimate


def test_what_is_rewritten_is_what_is_prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights.onnx").write_bytes(heavy_network().SerializeToString())
    other = heavy_network()
    other.graph.node[0].op_type = "Gemm"

    def write(_: Path, target: Path) -> bool:
        target.write_bytes(other.SerializeToString())
        return True

    monkeypatch.setattr("backends.onnx.rewrites.write_rewritten", write)
    prepare(tmp_path, tmp_path / "prepared", options=SessionOptions(rewriting=True))
    nodes = onnx.load(tmp_path / "prepared" / NETWORK, load_external_data=False).graph.node
    assert [node.op_type for node in nodes] == ["Gemm"]
    assert not (tmp_path / "prepared" / "rewritten.onnx").exists()


def test_graphs_are_rewritten_only_where_that_was_tested_and_is_wanted() -> None:
    assert prepared.rewrites_with("1.32.4", True)
    assert not prepared.rewrites_with("1.32.4", False)
    assert not prepared.rewrites_with("1.320.0", True)
    assert not prepared.rewrites_with("1.22.1", True)
    assert prepared.rewrites_with(onnxruntime.__version__, True)


def test_whether_the_graph_is_rewritten_is_part_of_what_a_preparation_depends_on() -> None:
    settings = {prepared.settings("1.32.0", wanted) for wanted in (True, False)}
    assert len(settings) == 2
    assert prepared.settings("1.22.1", True) == prepared.settings("1.22.1", False)


def test_without_the_library_that_rewrites_the_network_is_prepared_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "backends.onnx.rewrites", None)
    (tmp_path / "weights.onnx").write_bytes(heavy_network().SerializeToString())
    prepare(tmp_path, tmp_path / "prepared", options=SessionOptions(rewriting=True))
    assert answers(tmp_path, tmp_path / "prepared")["y"].shape == (1, 64)


def test_for_a_device_other_than_the_processor_nothing_is_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package(tmp_path, constant_network([DETECTION]))
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: providers)
    (tmp_path / "prepared").mkdir()
    files = NetworkFiles(tmp_path, "weights.onnx")
    assert not OnnxSession.prepare(files, SessionOptions(device="cuda"), tmp_path / "prepared")
    assert list((tmp_path / "prepared").iterdir()) == []


def test_a_damaged_network_is_refused_when_it_is_prepared(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([DETECTION]))
    (tmp_path / "weights.onnx").write_bytes(b"no network")
    with pytest.raises(PackageDamaged):
        prepare(tmp_path, tmp_path / "prepared")


@pytest.mark.parametrize("name", [NETWORK, WEIGHTS])
def test_prepared_files_that_are_cut_short_are_an_error_and_no_crash(tmp_path: Path, name: str) -> None:
    (tmp_path / "weights.onnx").write_bytes(heavy_network().SerializeToString())
    prepare(tmp_path, tmp_path / "prepared")
    file = tmp_path / "prepared" / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(BackendError):
        answers(tmp_path, tmp_path / "prepared")


@pytest.mark.parametrize(
    "network", sorted(golden.GOLDEN.glob("*/package/*.onnx")) or [None], ids=lambda path: path and path.parts[-3]
)
def test_every_golden_network_answers_the_same_to_the_last_bit(network: Path | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert network is not None
    prepare(network.parent, tmp_path / "prepared", network.name)
    ours = answers(network.parent, tmp_path / "prepared", network.name)
    theirs = answers(network.parent, None, network.name)
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        np.testing.assert_array_equal(ours[name], value)
