"""The rewritten networks give what the networks gave, and are taken for what they are by the runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from backends.onnx import rewrites
from backends.onnx.graph_file import GraphFile

BINS, ANCHORS, CHANNELS = 16, 21, 32
RANDOM = np.random.default_rng(3)


def _model(
    nodes: Sequence[NodeProto],
    shape: Sequence[int],
    outputs: dict[str, Sequence[int]],
    constants: dict[str, np.ndarray],
    opset: int = 17,
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, sides) for name, sides in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def _sides(opset: int = 17, axis: int = 1, filters: int = 1) -> onnx.ModelProto:
    """The end of a YOLOv8: logits (1, 4, bins, anchors) to means (1, 1, 4, anchors)."""
    values = np.tile(np.arange(BINS, dtype=np.float32)[None, :, None, None], (filters, 1, 1, 1))
    nodes = [
        helper.make_node("Transpose", ["x"], ["turned"], perm=[0, 2, 1, 3]),
        helper.make_node("Softmax", ["turned"], ["bins"], axis=axis),
        helper.make_node("Conv", ["bins", "values"], ["y"], kernel_shape=[1, 1]),
    ]
    return _model(nodes, [1, 4, BINS, ANCHORS], {"y": [1, filters, 4, ANCHORS]}, {"values": values}, opset)


def _split(
    sizes: Sequence[int] | None = (CHANNELS // 2, CHANNELS // 2),
    *,
    opset: int = 17,
    kernel: int = 1,
    groups: int = 1,
    also_output: Sequence[str] = (),
) -> onnx.ModelProto:
    """The beginning of a C2f block: features (1, 32, 8, 8) to two halves of the channels."""
    constants: dict[str, np.ndarray] = {
        "filters": RANDOM.standard_normal((CHANNELS, CHANNELS // groups, kernel, kernel)).astype(np.float32),
        "biases": RANDOM.standard_normal(CHANNELS).astype(np.float32),
    }
    options: dict[str, Any] = {"num_outputs": 2} if opset >= 18 and sizes is None else {}
    if sizes is not None:
        constants["sizes"] = np.array(sizes, np.int64)
    pads = [kernel // 2] * 4
    nodes = [
        helper.make_node(
            "Conv", ["x", "filters", "biases"], ["linear"], kernel_shape=[kernel, kernel], pads=pads, group=groups
        ),
        helper.make_node("Sigmoid", ["linear"], ["sigmoid"]),
        helper.make_node("Mul", ["linear", "sigmoid"], ["product"]),
        helper.make_node("Split", ["product", *(["sizes"] if sizes else [])], ["first", "second"], axis=1, **options),
    ]
    first, second = sizes or (CHANNELS // 2, CHANNELS // 2)
    outputs = {"first": [1, first, 8, 8], "second": [1, second, 8, 8]}
    outputs |= {name: [1, CHANNELS, 8, 8] for name in also_output}
    return _model(nodes, [1, CHANNELS, 8, 8], outputs, constants, opset)


def _run(model: onnx.ModelProto, x: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})


def _operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def _made(model: onnx.ModelProto) -> set[str]:
    return {name for node in model.graph.node for name in node.output}


def _rewritten(model: onnx.ModelProto, directory: Path) -> onnx.ModelProto | None:
    """What is prepared in the place of the model; None for itself."""
    file, target = directory / "weights.onnx", directory / "rewritten.onnx"
    onnx.save(model, file)
    return onnx.load(target) if rewrites.write_rewritten(file, target) else None


@pytest.mark.parametrize("opset", [13, 17, 18, 21])
@pytest.mark.parametrize("scale", [1.0, 50.0, 1e4])
def test_box_sides_stay_what_they_are(tmp_path: Path, opset: int, scale: float) -> None:
    before = _sides(opset)
    after = _rewritten(before, tmp_path)
    assert after is not None
    assert "Softmax" not in _operators(after)
    x = (scale * RANDOM.standard_normal((1, 4, BINS, ANCHORS))).astype(np.float32)
    np.testing.assert_allclose(_run(after, x)[0], _run(before, x)[0], atol=2e-5)


@pytest.mark.parametrize("opset", [13, 17, 18, 21])
@pytest.mark.parametrize("sizes", [None, (CHANNELS // 2, CHANNELS // 2)])
def test_split_convolutions_give_the_same_numbers(tmp_path: Path, opset: int, sizes: Sequence[int] | None) -> None:
    before = _split(sizes, opset=opset)
    after = _rewritten(before, tmp_path)
    assert after is not None
    assert _operators(after) == ["Conv", "Sigmoid", "Mul"] * 2
    x = RANDOM.standard_normal((1, CHANNELS, 8, 8)).astype(np.float32)
    for ours, theirs in zip(_run(after, x), _run(before, x), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("model", [_sides(), _split()], ids=["sides", "split"])
def test_a_rewritten_network_is_a_valid_one(tmp_path: Path, model: onnx.ModelProto) -> None:
    after = _rewritten(model, tmp_path)
    assert after is not None
    onnx.checker.check_model(after, full_check=True)


def test_all_but_nodes_and_their_weights_stays(tmp_path: Path) -> None:
    before = _split()
    weight = numpy_helper.from_array(np.float32([2]), "weight")
    before.graph.initializer.append(weight)
    before.graph.node.append(helper.make_node("Mul", ["first", "weight"], ["doubled"]))
    before.graph.output.append(helper.make_tensor_value_info("doubled", TensorProto.FLOAT, [1, CHANNELS // 2, 8, 8]))
    before.doc_string, before.graph.doc_string, before.producer_name = "model", "graph", "producer"
    helper.set_model_props(before, {"names": "cat, dog"})
    after = _rewritten(before, tmp_path)
    assert after is not None
    assert weight in after.graph.initializer
    for model in (before, after):
        del model.graph.node[:], model.graph.initializer[:]
    assert after == before


def test_weights_that_no_node_takes_any_more_are_left_out(tmp_path: Path) -> None:
    before = _split()
    after = _rewritten(before, tmp_path)
    assert after is not None
    names = {tensor.name for tensor in after.graph.initializer}
    assert names == {name for node in after.graph.node for name in node.input} - {"x"} - _made(after)
    assert not names & {tensor.name for tensor in before.graph.initializer}


def test_sizes_of_a_split_may_come_from_a_constant_node(tmp_path: Path) -> None:
    model = _split()
    sizes = next(tensor for tensor in model.graph.initializer if tensor.name == "sizes")
    model.graph.node.insert(0, helper.make_node("Constant", [], ["sizes"], value=sizes))
    model.graph.initializer.remove(sizes)
    assert _rewritten(model, tmp_path) is not None


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(_sides(axis=3), id="softmax over the last axis"),
        pytest.param(_sides(filters=2), id="more than a mean of the bins"),
        pytest.param(_sides(opset=12), id="softmax that flattens"),
        pytest.param(_split(kernel=3), id="kernel of 3x3"),
        pytest.param(_split(groups=2), id="groups of channels"),
        pytest.param(_split((CHANNELS // 2 - 1, CHANNELS // 2 + 1)), id="parts that fill no block"),
        pytest.param(_split(also_output=["product"]), id="the whole is an output too"),
        pytest.param(_split(also_output=["linear"]), id="the convolution is an output too"),
        pytest.param(_split(also_output=["sigmoid"]), id="the sigmoid is an output too"),
    ],
)
def test_what_only_looks_alike_stays(tmp_path: Path, model: onnx.ModelProto) -> None:
    assert _rewritten(model, tmp_path) is None


def test_filters_that_a_caller_can_replace_stay(tmp_path: Path) -> None:
    model = _split()
    model.graph.input.append(helper.make_tensor_value_info("filters", TensorProto.FLOAT, [CHANNELS, CHANNELS, 1, 1]))
    assert _rewritten(model, tmp_path) is None


def test_networks_with_inner_graphs_stay(tmp_path: Path) -> None:
    model = _split()
    inner = helper.make_graph([helper.make_node("Identity", ["linear"], ["z"])], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["x"], ["z"], then_branch=inner, else_branch=inner))
    assert _rewritten(model, tmp_path) is None


def test_a_large_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "weights.onnx"
    onnx.save(_sides(), file)
    monkeypatch.setattr(rewrites, "LARGEST_FILE", file.stat().st_size - 1)
    assert not rewrites.write_rewritten(file, tmp_path / "rewritten.onnx")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"no model at all", bytes(range(256)) * 40])
def test_a_damaged_file_is_left_for_the_runtime_to_refuse(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "weights.onnx"
    file.write_bytes(content)
    assert not rewrites.write_rewritten(file, tmp_path / "rewritten.onnx")
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_ends_anywhere_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "weights.onnx"
    content = _split().SerializeToString()
    for end in range(0, len(content), 37):
        file.write_bytes(content[:end])
        rewrites.write_rewritten(file, tmp_path / "rewritten.onnx")


def test_a_constant_in_another_file_is_not_read(tmp_path: Path) -> None:
    model = _split()
    sizes = next(tensor for tensor in model.graph.initializer if tensor.name == "sizes")
    (tmp_path / "secret").write_bytes(sizes.raw_data)
    sizes.ClearField("raw_data")
    sizes.data_location = TensorProto.EXTERNAL
    sizes.external_data.add(key="location", value=str(tmp_path / "secret"))
    model.graph.node.insert(0, helper.make_node("Constant", [], ["sizes"], value=sizes))
    model.graph.initializer.remove(sizes)
    content = model.SerializeToString()
    with memoryview(content) as view:
        assert rewrites.rewrite(GraphFile(view)) is None


def test_the_file_of_the_package_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "weights.onnx"
    onnx.save(_sides(), file)
    before = file.read_bytes()
    assert rewrites.write_rewritten(file, tmp_path / "rewritten.onnx")
    assert file.read_bytes() == before
