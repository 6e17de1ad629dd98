"""ONNX: versions, inputs and outputs, batch, precision, and references to files outside the model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

import onnx

from backends.errors import PackageDamaged
from backends.onnx.external_data import external_files, name_problem
from packages_app.facts import Facts, Tensor
from packages_app.inspection.exporter_metadata import names_in
from packages_app.inspection.precision import NARROW, quantization, stored_types

_QUANTIZING_OPERATORS = ("QuantizeLinear", "DequantizeLinear", "QLinear", "ConvInteger", "MatMulInteger")
_DEFAULT_DOMAIN = ("", "ai.onnx")
_ONNX_TYPES = {number: name.lower() for name, number in onnx.TensorProto.DataType.items()}
# More than any version or batch size, and what a column of the database holds.
_LARGEST = 2**31 - 1


def inspect_onnx(path: Path, handles: Collection[str], sizes: Mapping[str, int] | None = None) -> Facts:
    """Facts of one ONNX file; ``handles`` are the package's files, which external data may name, ``sizes`` their bytes.

    External data is not read: only its names are checked, since a name such as `../../etc/passwd` would
    have a runtime read that file, and that it does not end before the network's weights do.
    """
    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception:  # the parser raises types of its own for damaged files, and they are not exported
        return Facts(problems=("The file is not an ONNX model, or it is damaged.",))
    if any(isinstance(text, bytes) for text in _texts(model)):
        return Facts(problems=("The ONNX file is damaged: it holds names that are not UTF-8 text.",))
    if not model.graph.node or not model.graph.output:
        return Facts(problems=("The ONNX file holds no network.",))
    try:
        external = tuple(sorted(external_files(path)))
    except PackageDamaged as error:
        return Facts(problems=(error.message,))
    problems = [problem for name in external if (problem := _external_problem(name, handles)) is not None]
    problems += _version_problems(model)
    problems += _cut_off(model, sizes or {})
    weights = {initializer.name for initializer in model.graph.initializer}
    inputs = tuple(_tensor(value) for value in model.graph.input if value.name not in weights)
    dynamic, static = _batch(inputs)
    if static is not None and not _can_be(static):
        problems.append(f"The ONNX file takes {static} images at once, which no machine can.")
        static = None
    elements = _elements(model)
    return Facts(
        opset=next((version for version in _opsets(model) if _can_be(version)), None),
        ir_version=model.ir_version if _can_be(model.ir_version) else None,
        dynamic_batch_size=dynamic,
        static_batch_size=static,
        quantization=_quantization(model, elements),
        stored_types=stored_types(elements),
        inputs=inputs,
        outputs=tuple(_tensor(value) for value in model.graph.output),
        external_data=external,
        exported_class_names=names_in({entry.key: entry.value for entry in model.metadata_props}.get("names", "")),
        problems=tuple(dict.fromkeys(problems)),
    )


def _texts(model: onnx.ModelProto) -> Iterator[str | bytes]:
    """The names in the file; the library gives those as bytes that are no text."""
    yield from (entry.domain for entry in model.opset_import)
    for value in chain(model.graph.input, model.graph.output):
        yield value.name
        yield from (dimension.dim_param for dimension in value.type.tensor_type.shape.dim)
    for node in _nodes(model):
        yield node.op_type
        yield from chain(node.input, node.output)
    yield from (tensor.name for tensor in _stored_tensors(model))


def _external_problem(name: str, handles: Collection[str]) -> str | None:
    problem = name_problem(name)
    if problem is None and name not in handles:
        problem = f"The ONNX file keeps weights in {name[:80]!r}, which the package lacks. Add that file."
    return problem


def _cut_off(model: onnx.ModelProto, sizes: Mapping[str, int]) -> Iterator[str]:
    """External data that is shorter than what the network takes from it."""
    needed: Counter[str] = Counter()
    for tensor in chain(
        _tensors(model.graph), chain.from_iterable(_tensors_of_nodes(function.node) for function in model.functions)
    ):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            entries = {entry.key: entry.value for entry in tensor.external_data}
            try:
                end = int(entries.get("offset") or 0) + (int(entries.get("length") or 0) or _bytes_of(tensor))
            except ValueError:
                yield "The ONNX file names a place in its external data that is no number. Export it anew."
                return
            name = entries.get("location", "")
            needed[name] = max(needed[name], end)
    for name, end in needed.items():
        if name in sizes and sizes[name] < end:
            yield (
                f"{name[:80]} has {sizes[name]} bytes, and the network takes weights from it up to byte {end}: it is "
                "cut off, or belongs to another export. Add the whole file."
            )


def _bytes_of(tensor: onnx.TensorProto) -> int:
    """What a tensor takes, where a file does not say its length; 0 for types of which several may share a byte."""
    elements: int = math.prod(max(size, 0) for size in tensor.dims)
    return elements * _WHOLE_BYTES.get(tensor.data_type, 0)


_WHOLE_BYTES: dict[int, int] = {
    onnx.TensorProto.FLOAT: 4,
    onnx.TensorProto.FLOAT16: 2,
    onnx.TensorProto.BFLOAT16: 2,
    onnx.TensorProto.DOUBLE: 8,
    onnx.TensorProto.INT64: 8,
    onnx.TensorProto.INT32: 4,
    onnx.TensorProto.INT8: 1,
    onnx.TensorProto.UINT8: 1,
}


def _can_be(number: int) -> bool:
    return 0 < number <= _LARGEST


def _opsets(model: onnx.ModelProto) -> list[int]:
    """The versions of the standard operators; operators of other domains have versions of their own."""
    return sorted({entry.version for entry in model.opset_import if entry.domain in _DEFAULT_DOMAIN}, reverse=True)


def _version_problems(model: onnx.ModelProto) -> Iterator[str]:
    opsets = _opsets(model)
    if not opsets:
        yield "The ONNX file names no version of the default operator set (opset). Export it with one."
    if len(opsets) > 1:
        versions = " and ".join(str(version) for version in opsets)
        yield (
            f"The ONNX file lists the default operator set with different versions ({versions}), and runtimes "
            "disagree on which one holds. Export it with one."
        )
    if not all(map(_can_be, opsets)):
        yield "The ONNX file names an opset that cannot be. Export it anew."
    if not _can_be(model.ir_version):
        yield "The ONNX file names no IR version that can be. Export it anew."


def _tensor(value: onnx.ValueInfoProto) -> Tensor:
    tensor_type = value.type.tensor_type
    shape = tuple(
        dimension.dim_value if dimension.HasField("dim_value") else dimension.dim_param or None
        for dimension in tensor_type.shape.dim
    )
    return Tensor(value.name, _ONNX_TYPES.get(tensor_type.elem_type, f"type {tensor_type.elem_type}"), shape)


def _batch(inputs: tuple[Tensor, ...]) -> tuple[bool | None, int | None]:
    """Dynamic, or the static size, from the first dimension of the first input."""
    if not inputs or not inputs[0].shape:
        return None, None
    first = inputs[0].shape[0]
    if isinstance(first, int) and first > 0:
        return False, first
    return True, None


def _elements(model: onnx.ModelProto) -> Counter[str]:
    """Numbers of elements of stored tensors by the type's name."""
    elements: Counter[str] = Counter()
    packed = _packed(model)
    for tensor in _stored_tensors(model):
        name = _TYPE_NAMES.get(tensor.data_type, f"type {tensor.data_type}")
        count = math.prod(max(size, 0) for size in tensor.dims)
        bits = packed.get(tensor.name, 8) if name == "uint8" else 8
        elements[name if bits == 8 else f"uint{bits}"] += count * 8 // bits
    return elements


def _packed(model: onnx.ModelProto) -> dict[str, int]:
    """Weights of which several lie in one byte, by name, with the bits that each has."""
    return {
        node.input[1]: next(
            (attribute.i for attribute in node.attribute if attribute.name == "bits" and attribute.i in (2, 4, 8)), 4
        )
        for node in _nodes(model)
        if node.op_type == "MatMulNBits" and len(node.input) > 1
    }


_TYPE_NAMES = _ONNX_TYPES | {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.DOUBLE: "float64",
}


def _quantization(model: onnx.ModelProto, elements: Counter[str]) -> str | None:
    """A network that quantizes has the precision of most of its narrow elements, `int8` where it stores none."""
    if not any(node.op_type.startswith(_QUANTIZING_OPERATORS) for node in _nodes(model)):
        return quantization(elements)
    narrow = Counter({name: count for name, count in elements.items() if name.startswith(NARROW)})
    return quantization(narrow) or "int8"


def _stored_tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    yield from _tensors(model.graph)
    for function in model.functions:
        yield from _tensors_of_nodes(function.node)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Weights, and constants inside nodes, in sub-graphs too."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield sparse.values
    yield from _tensors_of_nodes(graph.node)


def _tensors_of_nodes(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            if attribute.HasField("sparse_tensor"):
                yield attribute.sparse_tensor.values
            for subgraph in _subgraphs(attribute):
                yield from _tensors(subgraph)


def _nodes(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    stack = [*model.graph.node, *chain.from_iterable(function.node for function in model.functions)]
    while stack:
        node = stack.pop()
        yield node
        for attribute in node.attribute:
            for subgraph in _subgraphs(attribute):
                stack.extend(subgraph.node)


def _subgraphs(attribute: onnx.AttributeProto) -> Iterable[onnx.GraphProto]:
    if attribute.HasField("g"):
        yield attribute.g
    yield from attribute.graphs
