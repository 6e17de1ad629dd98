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


def test_a_type_that_nobody_knows_is_told_by_its_number(tmp_path: Path) -> None:
    model = with_weights()
    model.graph.input[0].type.tensor_type.elem_type = 91
    assert inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES).inputs[0].dtype == "type 91"


@pytest.mark.parametrize("name", [b"images", b"Add", b"weights"])
def test_it_refuses_names_that_are_no_text(tmp_path: Path, name: bytes) -> None:
    path = write_model(tmp_path / "m.onnx")
    path.write_bytes(path.read_bytes().replace(name, b"\xff" * len(name)))
    (problem,) = inspect_onnx(path, HANDLES).problems
    assert "not UTF-8 text" in problem


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


def written(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def with_weights(*tensors: TensorProto, operator: str = "Identity") -> onnx.ModelProto:
    """A network that keeps ``tensors`` and applies ``operator`` to its input."""
    graph = helper.make_graph(
        [helper.make_node(operator, ["images"], ["output"])],
        "weights",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 4])],
        list(tensors),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def stored(name: str, element: int, count: int) -> TensorProto:
    """A tensor of ``count`` elements of a type, of 4 bits at least, all zero."""
    bits = {TensorProto.FLOAT: 32, TensorProto.INT64: 64, TensorProto.FLOAT16: 16}.get(element, 8)
    if element in (TensorProto.INT4, TensorProto.UINT4):
        bits = 4
    return TensorProto(name=name, data_type=element, dims=[count], raw_data=bytes((count * bits + 7) // 8))


def test_it_reads_the_ir_version(tmp_path: Path) -> None:
    model = with_weights()
    model.ir_version = 9
    assert inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES).ir_version == 9


def test_the_precision_is_that_of_most_elements(tmp_path: Path) -> None:
    model = with_weights(
        *(stored(f"bias{index}", TensorProto.FLOAT, 1) for index in range(5)), stored("w", TensorProto.FLOAT16, 100)
    )
    facts = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES)
    assert (facts.quantization, facts.stored_types) == ("fp16", ("float16", "float32"))


def test_indices_and_shapes_are_no_weights(tmp_path: Path) -> None:
    model = with_weights(stored("shape", TensorProto.INT64, 100), stored("w", TensorProto.FLOAT, 4))
    facts = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES)
    assert (facts.quantization, facts.stored_types) == ("fp32", ("float32",))


@pytest.mark.parametrize(
    "element, name",
    [
        (TensorProto.INT4, "int4"),
        (TensorProto.UINT4, "uint4"),
        (TensorProto.FLOAT8E4M3FN, "float8e4m3fn"),
        (TensorProto.FLOAT8E5M2, "float8e5m2"),
    ],
)
@pytest.mark.parametrize("operator", ["Identity", "DequantizeLinear"])
def test_what_the_wire_has_no_word_for_is_unknown_and_told_by_its_name(
    tmp_path: Path, element: int, name: str, operator: str
) -> None:
    model = with_weights(stored("w", element, 100), stored("scale", TensorProto.FLOAT, 4), operator=operator)
    facts = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES)
    assert (facts.quantization, facts.stored_types[0]) == ("unknown", name)


@pytest.mark.parametrize("bits, name, quantization", [(4, "uint4", "unknown"), (8, "uint8", "int8")])
def test_weights_of_which_several_lie_in_one_byte_are_told_by_their_bits(
    tmp_path: Path, bits: int, name: str, quantization: str
) -> None:
    model = with_weights(stored("w", TensorProto.UINT8, 60), stored("scale", TensorProto.FLOAT, 50))
    model.graph.node.append(helper.make_node("MatMulNBits", ["x", "w", "scale"], ["y"], domain="c", bits=bits))
    facts = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES)
    assert (facts.quantization, facts.stored_types[0]) == (quantization, name)


def test_weights_inside_functions_count(tmp_path: Path) -> None:
    model = with_weights(stored("w", TensorProto.FLOAT, 4))
    function = model.functions.add(name="f", domain="d")
    function.node.append(helper.make_node("Constant", [], ["c"], value=stored("c", TensorProto.FLOAT16, 100)))
    assert inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES).quantization == "fp16"


@pytest.mark.parametrize("versions", [[20, 17], [17, 20]])
def test_it_refuses_two_versions_of_the_default_operators(tmp_path: Path, versions: list[int]) -> None:
    model = with_weights()
    del model.opset_import[:]
    for domain, version in zip(("", "ai.onnx"), versions, strict=True):
        model.opset_import.add(domain=domain, version=version)
    (problem,) = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES).problems
    assert "different versions (20 and 17)" in problem


def test_one_version_said_twice_is_fine(tmp_path: Path) -> None:
    model = with_weights()
    model.opset_import.add(domain="ai.onnx", version=21)
    facts = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES)
    assert (facts.opset, facts.problems) == (21, ())


def test_it_refuses_a_file_without_an_operator_set(tmp_path: Path) -> None:
    model = with_weights()
    del model.opset_import[:]
    model.opset_import.add(domain="com.microsoft", version=1)
    (problem,) = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES).problems
    assert "names no version of the default operator set" in problem


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**60])
@pytest.mark.parametrize("field", ["ir_version", "opset", "batch"])
def test_it_refuses_numbers_that_cannot_be(tmp_path: Path, field: str, number: int) -> None:
    model = with_weights()
    if field == "ir_version":
        model.ir_version = number
    elif field == "opset":
        model.opset_import[0].version = number
    else:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = number
    facts = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES)
    assert bool(facts.problems) or (field == "batch" and number < 1)
    assert all(value is None or value < 2**31 for value in (facts.opset, facts.ir_version, facts.static_batch_size))


def test_it_takes_external_data_in_a_folder_of_the_package(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.onnx", location="data/weights.bin")
    facts = inspect_onnx(path, frozenset({"weights.onnx", "data/weights.bin"}))
    assert (facts.problems, facts.external_data) == ((), ("data/weights.bin",))


@pytest.mark.parametrize("place", ["function", "sparse", "training"])
def test_external_data_is_found_wherever_the_host_finds_it(tmp_path: Path, place: str) -> None:
    tensor = stored("hidden", TensorProto.FLOAT, 4)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="elsewhere.bin")
    model = with_weights()
    if place == "function":
        node = model.functions.add(name="f", domain="d").node.add(op_type="Constant")
        node.attribute.add(name="value", type=onnx.AttributeProto.TENSOR).t.CopyFrom(tensor)
    elif place == "sparse":
        attribute = model.graph.node[0].attribute.add(name="value", type=onnx.AttributeProto.SPARSE_TENSOR)
        attribute.sparse_tensor.indices.CopyFrom(tensor)
    else:
        model.training_info.add().algorithm.initializer.append(tensor)
    facts = inspect_onnx(written(tmp_path / "m.onnx", model), HANDLES)
    assert facts.external_data == ("elsewhere.bin",)
    assert "'elsewhere.bin', which the package lacks" in facts.problems[0]


@pytest.mark.parametrize("place", [{}, {"offset": "0", "length": "16"}, {"offset": "8", "length": "8"}])
def test_weights_beyond_the_end_of_their_file_are_a_file_that_is_cut_off(tmp_path: Path, place: dict[str, str]) -> None:
    """Four float32: 16 bytes, whether the ONNX file says how many or not."""
    path = write_model(tmp_path / "m.onnx", location="weights.data")
    model = onnx.load(path, load_external_data=False)
    for key, value in place.items():
        model.graph.initializer[0].external_data.add(key=key, value=value)
    path.write_bytes(model.SerializeToString())
    (problem,) = inspect_onnx(path, HANDLES, {"weights.data": 15}).problems
    assert "cut off" in problem
    assert inspect_onnx(path, HANDLES, {"weights.data": 16}).problems == ()
