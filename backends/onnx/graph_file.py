"""The graph of an ONNX file: read without its weights, and written with other nodes.

The ``onnx`` library would read and write all weights too, hundreds of megabytes for some networks, and no other thread
runs Python meanwhile. So the file's messages are found here, and the library reads the small ones. Field numbers:
onnx.proto.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import IO

import onnx
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, numpy_helper

from backends.errors import UnsupportedPackage
from backends.onnx.wire_format import Field, field_header, fields
from backends.session import Array

# Of ModelProto.
_GRAPH, _OPSET = 7, 8
# Of GraphProto.
_NODE, _TENSOR, _INPUT, _OUTPUT = 1, 5, 11, 12
# Of TensorProto.
_NAME = 8


class GraphFile:
    """What an ONNX file says of its network, weights aside. ``content`` must live as long as this.

    ``opset``: version of ONNX's own operators. ``nodes``: in the order in which they run. ``public``: names of the
    tensors that callers give or get. Raises PackageDamaged, or an error of the protobuf library, if ``content`` is no
    ONNX model, and UnsupportedPackage if it is written as none should be.
    """

    opset: int
    nodes: tuple[NodeProto, ...]
    public: frozenset[str]

    def __init__(self, content: memoryview) -> None:
        self._content = content
        opsets = [onnx.OperatorSetIdProto.FromString(self._bytes(field)) for field in self._of_model(_OPSET)]
        self.opset = max((entry.version for entry in opsets if entry.domain in ("", "ai.onnx")), default=0)
        graphs = list(self._of_model(_GRAPH))
        if len(graphs) != 1:
            raise UnsupportedPackage("The ONNX file has no graph, or several.")
        self._graph = graphs[0]
        parts = list(fields(content, self._graph.first, self._graph.end))
        self._node_fields = [field for field in parts if field.number == _NODE]
        small = [content[field.start : field.end] for field in parts if field.number in (_NODE, _INPUT, _OUTPUT)]
        graph = GraphProto.FromString(b"".join(small))
        self.nodes = tuple(graph.node)
        self.public = frozenset(value.name for value in (*graph.input, *graph.output))
        self._tensors = {self._name(field): field for field in parts if field.number == _TENSOR}

    @property
    def has_inner_graphs(self) -> bool:
        """Whether nodes hold graphs, which see the tensors around them without taking them as inputs."""
        inner = (AttributeProto.GRAPH, AttributeProto.GRAPHS)
        return any(attribute.type in inner for node in self.nodes for attribute in node.attribute)

    def tensor(self, name: str) -> Array | None:
        """A weight of this name; None if there is none, or only in another file."""
        field = self._tensors.get(name)
        return None if field is None else value_of(TensorProto.FromString(self._bytes(field)))

    def with_others(self, nodes: Sequence[NodeProto], tensors: Sequence[TensorProto]) -> Callable[[IO[bytes]], None]:
        """The same model with ``nodes`` instead of its own, and with ``tensors`` beside its own weights.

        Weights that no node takes any more are left out; so no node may hold a graph that takes some. Returns what
        writes the model into a file, which does nothing but copy.
        """
        taken = self.public.union(*(node.input for node in nodes))
        unused = [field for name, field in self._tensors.items() if name not in taken]
        removed = sorted([*self._node_fields, *unused], key=lambda field: field.start)
        added = GraphProto(node=nodes, initializer=tensors).SerializeToString()
        kept = list(_between(self._graph.first, removed, self._graph.end))
        length = len(added) + sum(end - start for start, end in kept)
        added = field_header(_GRAPH, length) + added

        def write(file: IO[bytes]) -> None:
            self._copy(file, 0, self._graph.start)
            file.write(added)
            for start, end in kept:
                self._copy(file, start, end)
            self._copy(file, self._graph.end, len(self._content))
            file.flush()

        return write

    def _of_model(self, number: int) -> Iterator[Field]:
        return (field for field in fields(self._content, 0, len(self._content)) if field.number == number)

    def _bytes(self, field: Field) -> bytes:
        return bytes(self._content[field.first : field.end])

    def _name(self, tensor: Field) -> str:
        names = [field for field in fields(self._content, tensor.first, tensor.end) if field.number == _NAME]
        return self._bytes(names[-1]).decode("utf-8", "replace") if names else ""

    def _copy(self, file: IO[bytes], start: int, end: int) -> None:
        with self._content[start:end] as part:
            file.write(part)


def value_of(tensor: TensorProto) -> Array | None:
    """What a tensor holds; None if that is in another file, which the library would go and read."""
    if tensor.data_location == TensorProto.EXTERNAL:
        return None
    value: Array = numpy_helper.to_array(tensor)
    return value


def _between(start: int, holes: Sequence[Field], end: int) -> Iterator[tuple[int, int]]:
    """What is left of ``start`` to ``end`` without ``holes``, which come in order."""
    for hole in holes:
        if hole.start > start:
            yield start, hole.start
        start = hole.end
    if end > start:
        yield start, end
