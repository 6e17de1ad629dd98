"""ONNX: opset, inputs and outputs, batch, precision, and references to files outside the model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import onnx

from packages_app.inspection.facts import Facts, Tensor

_PRECISIONS = {
    onnx.TensorProto.FLOAT: "fp32",
    onnx.TensorProto.FLOAT16: "fp16",
    onnx.TensorProto.BFLOAT16: "bf16",
    onnx.TensorProto.INT8: "int8",
    onnx.TensorProto.UINT8: "int8",
}
_QUANTIZING_OPERATORS = ("QuantizeLinear", "DequantizeLinear", "QLinear", "ConvInteger", "MatMulInteger")


def inspect_onnx(path: Path, handles: frozenset[str]) -> Facts:
    """Facts of one ONNX file; ``handles`` are the package's files, which external data may name.

    External data is not read: only its names are checked, since a name such as `../../etc/passwd` would
    have a runtime read that file.
    """
    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception:  # the parser raises types of its own for damaged files, and they are not exported
        return Facts(problems=("The file is not an ONNX model, or it is damaged.",))
    if not model.graph.node or not model.graph.output:
        return Facts(problems=("The ONNX file holds no network.",))
    external = tuple(sorted(set(_external_locations(model))))
    problems = [
        "External data of the ONNX file is not a plain file of the package."
        for location in external
        if location not in handles
    ]
    weights = {initializer.name for initializer in model.graph.initializer}
    inputs = tuple(_tensor(value) for value in model.graph.input if value.name not in weights)
    dynamic, static = _batch(inputs)
    return Facts(
        opset=_opset(model),
        dynamic_batch_size=dynamic,
        static_batch_size=static,
        quantization=_precision(model),
        inputs=inputs,
        outputs=tuple(_tensor(value) for value in model.graph.output),
        external_data=external,
        problems=tuple(dict.fromkeys(problems)),
    )


def _opset(model: onnx.ModelProto) -> int | None:
    """The version of the standard operators; operators of other domains have versions of their own."""
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    return max(versions) if versions else None


def _tensor(value: onnx.ValueInfoProto) -> Tensor:
    tensor_type = value.type.tensor_type
    shape = tuple(
        dimension.dim_value if dimension.HasField("dim_value") else dimension.dim_param or None
        for dimension in tensor_type.shape.dim
    )
    return Tensor(value.name, onnx.TensorProto.DataType.Name(tensor_type.elem_type).lower(), shape)


def _batch(inputs: tuple[Tensor, ...]) -> tuple[bool | None, int | None]:
    """Dynamic, or the static size, from the first dimension of the first input."""
    if not inputs or not inputs[0].shape:
        return None, None
    first = inputs[0].shape[0]
    if isinstance(first, int) and first > 0:
        return False, first
    return True, None


def _precision(model: onnx.ModelProto) -> str | None:
    """The precision in which most of the weights, counted in elements, are stored."""
    if any(node.op_type.startswith(_QUANTIZING_OPERATORS) for node in _nodes(model.graph)):
        return "int8"
    elements: Counter[str] = Counter()
    for tensor in _tensors(model.graph):
        precision = _PRECISIONS.get(tensor.data_type)
        if precision in {"fp32", "fp16", "bf16"}:
            elements[precision] += math.prod(tensor.dims)
    return elements.most_common(1)[0][0] if elements else None


def _external_locations(model: onnx.ModelProto) -> Iterator[str]:
    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            yield next((entry.value for entry in tensor.external_data if entry.key == "location"), "")


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Weights, and constants inside nodes: both can name external data, in sub-graphs too."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield sparse.values
        yield sparse.indices
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for subgraph in _subgraphs(attribute):
                yield from _tensors(subgraph)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for subgraph in _subgraphs(attribute):
                yield from _nodes(subgraph)


def _subgraphs(attribute: onnx.AttributeProto) -> Iterable[onnx.GraphProto]:
    if attribute.HasField("g"):
        yield attribute.g
    yield from attribute.graphs
