"""What an ONNX file says of itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from packages_app.inspection.onnx_file import inspect_onnx

HANDLES = frozenset({"weights.onnx", "weights.data"})


def write_model(
    path: Path,
    *,
    batch: int | str = 1,
    opset: int = 17,
    dtype: type[np.generic] = np.float32,
    location: str | None = None,
) -> Path:
    """A network of one addition; ``location`` makes its weights external data."""
    weights = numpy_helper.from_array(np.ones((1, 4), dtype=dtype), "weights")
    if location is not None:
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value=location)
    element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(
        [helper.make_node("Add", ["images", "weights"], ["output"])],
        "addition",
        [helper.make_tensor_value_info("images", element, [batch, 4])],
        [helper.make_tensor_value_info("output", element, [batch, 4])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    path.write_bytes(model.SerializeToString())
    return path


def test_it_reads_the_opset(tmp_path: Path) -> None:
    assert inspect_onnx(write_model(tmp_path / "m.onnx", opset=15), HANDLES).opset == 15


def test_it_reads_a_static_batch(tmp_path: Path) -> None:
    facts = inspect_onnx(write_model(tmp_path / "m.onnx", batch=4), HANDLES)
    assert (facts.dynamic_batch_size, facts.static_batch_size) == (False, 4)


def test_it_reads_a_dynamic_batch(tmp_path: Path) -> None:
    facts = inspect_onnx(write_model(tmp_path / "m.onnx", batch="batch"), HANDLES)
    assert (facts.dynamic_batch_size, facts.static_batch_size) == (True, None)


@pytest.mark.parametrize("dtype, precision", [(np.float32, "fp32"), (np.float16, "fp16")])
def test_it_reads_the_precision_of_the_weights(tmp_path: Path, dtype: type[np.generic], precision: str) -> None:
    assert inspect_onnx(write_model(tmp_path / "m.onnx", dtype=dtype), HANDLES).quantization == precision


def test_it_does_not_count_weights_as_inputs(tmp_path: Path) -> None:
    facts = inspect_onnx(write_model(tmp_path / "m.onnx"), HANDLES)
    assert [tensor.name for tensor in facts.inputs] == ["images"]


def test_it_takes_external_data_that_is_a_file_of_the_package(tmp_path: Path) -> None:
    facts = inspect_onnx(write_model(tmp_path / "m.onnx", location="weights.data"), HANDLES)
    assert facts.problems == ()
    assert facts.external_data == ("weights.data",)


@pytest.mark.parametrize(
    "location", ["/etc/passwd", "../secret", "weights.data/../../secret", "", "other.data", "./weights.data"]
)
def test_it_refuses_external_data_that_leads_elsewhere(tmp_path: Path, location: str) -> None:
    assert inspect_onnx(write_model(tmp_path / "m.onnx", location=location), HANDLES).problems


def test_it_finds_external_data_inside_a_node(tmp_path: Path) -> None:
    tensor = numpy_helper.from_array(np.ones(4, dtype=np.float32), "constant")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["output"], value=tensor)],
        "constant",
        [],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [4])],
    )
    path = tmp_path / "m.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    assert inspect_onnx(path, HANDLES).problems


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08" * 1000, bytes(range(256)) * 20])
def test_it_refuses_bytes_that_are_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    assert inspect_onnx(path, HANDLES).problems


def test_it_calls_a_quantized_network_int8(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("QuantizeLinear", ["images", "scale"], ["output"])],
        "quantized",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("output", TensorProto.UINT8, [1, 4])],
        [numpy_helper.from_array(np.float32(0.5), "scale")],
    )
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx.helper.make_model(graph).SerializeToString())
    assert inspect_onnx(path, HANDLES).quantization == "int8"
