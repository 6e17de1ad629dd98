"""Rewrites of an ONNX graph that ONNX Runtime's own optimiser leaves undone, for networks that run on a CPU.

Two patterns, both of the YOLO families, together take an eighth of a YOLOv8n's time on a CPU (ONNX Runtime 1.32):

* **Distributed box sides** (Generalized Focal Loss, Li et al. 2020): each side of a box is the mean of a softmax over
  16 bins. ONNX Runtime moves the axis of a softmax to the end and back, and calls its kernel for each handful of bins.
  Softmax and mean together are one product of matrices between exponentials and a division.
* **Split convolutions** (C2f, C3k2, C2PSA and their like): a 1x1 convolution, SiLU, and a split of the channels. The
  split ends ONNX Runtime's blocked layout of channels, so everything around it is reordered there and back. Two
  convolutions with a part of the filters each give the same numbers, to the last bit, and keep the layout.

The first moves a box by some 1e-4 pixels, as another version of the runtime does.
"""

from __future__ import annotations

import logging
import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from backends.onnx.graph_file import GraphFile, value_of
from backends.session import Array

log = logging.getLogger("backends.onnx")

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes. To rewrite a network all its weights are copied; what that gains for larger ones was not measured."""

# The softmax of older ones flattens all axes behind its own.
_OLDEST_OPSET = 13
# ReduceMax takes its axes as an input from here on, as ReduceSum does since 13.
_AXES_AS_INPUT = 18
# Channels in a block of ONNX Runtime's layout with AVX-512; with AVX2 it is 8.
_CHANNEL_BLOCK = 16


def write_rewritten(path: Path, target: Path) -> bool:
    """Write the network of ``path`` down as ``target``, rewritten; False, and nothing written, if there is no need to.

    A file that cannot be read as an ONNX model is left for the runtime to refuse. Weights in other files would be
    looked for beside ``target``: a network with such is not for this.
    """
    if not 0 < path.stat().st_size <= LARGEST_FILE:
        return False
    with (
        path.open("rb") as source,
        mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view,
        memoryview(view) as content,
    ):
        try:
            file = GraphFile(content)
            rewriting = rewrite(file)
        except Exception:  # Of what is raised for damaged messages not all types are public.
            log.info("a network is prepared as it is, for its file could not be read", exc_info=True)
            return False
        if rewriting is None:
            return False
        with target.open("wb") as copy:
            file.with_others(rewriting.nodes, rewriting.tensors)(copy)
    return True


@dataclass(frozen=True, slots=True)
class Rewriting:
    """All nodes of the rewritten graph, and the weights that it has beside those of the file."""

    nodes: Sequence[NodeProto]
    tensors: Sequence[TensorProto]


def rewrite(file: GraphFile) -> Rewriting | None:
    """The graph with all patterns rewritten; None if there are none. Inputs, outputs and their names stay."""
    if file.opset < _OLDEST_OPSET or file.has_inner_graphs:
        return None
    graph = _Graph(file)
    _distributed_sides(graph)
    _split_convolutions(graph)
    return graph.rewriting()


class _Graph:
    """Who makes and who takes each tensor of a graph, and what is to be replaced in it."""

    def __init__(self, file: GraphFile) -> None:
        self.opset = file.opset
        self._file = file
        self._makers = {name: node for node in file.nodes for name in node.output}
        self._users: dict[str, list[NodeProto]] = {}
        for node in file.nodes:
            for name in node.input:
                self._users.setdefault(name, []).append(node)
        self._removed: set[int] = set()
        self._added: dict[int, Sequence[NodeProto]] = {}
        self._tensors: list[TensorProto] = []

    def nodes(self, operator: str) -> Iterator[NodeProto]:
        """All nodes of one of ONNX's own operators."""
        return (node for node in self._file.nodes if _is(node, operator))

    def maker(self, name: str, operator: str) -> NodeProto | None:
        """The node that computes a tensor, if it is of this operator."""
        node = self._makers.get(name)
        return node if node is not None and _is(node, operator) else None

    def users(self, node: NodeProto) -> Sequence[NodeProto]:
        """The nodes that take what ``node`` computes; none if a caller of the network gets it, so that it must stay."""
        name = node.output[0]
        return () if name in self._file.public else self._users.get(name, ())

    def only_user(self, node: NodeProto, operator: str) -> NodeProto | None:
        """The one node that takes what ``node`` computes, if it is of this operator and nobody else sees the value."""
        users = self.users(node)
        return users[0] if len(users) == 1 and _is(users[0], operator) else None

    def constant(self, name: str) -> Array | None:
        """The value of a tensor that no caller can change; None for any other."""
        if name in self._file.public:
            return None
        node = self.maker(name, "Constant")
        value = None if node is None else _attribute(node, "value")
        return self._file.tensor(name) if value is None else value_of(value)

    def add_constant(self, name: str, value: Array) -> str:
        """A new weight; its name."""
        self._tensors.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def replace(self, old: Sequence[NodeProto], new: Sequence[NodeProto]) -> None:
        """Put ``new`` where the last of ``old`` is, so that what it needs is computed before it."""
        self._removed |= {id(node) for node in old}
        self._added[id(old[-1])] = new

    def rewriting(self) -> Rewriting | None:
        """The graph with everything replaced; None if nothing is."""
        if not self._added:
            return None
        nodes: list[NodeProto] = []
        for node in self._file.nodes:
            nodes += self._added.get(id(node), ())
            if id(node) not in self._removed:
                nodes.append(node)
        return Rewriting(nodes, self._tensors)


def _distributed_sides(graph: _Graph) -> None:
    """Transpose (N, 4, bins, A) to (N, bins, 4, A), softmax over the bins, convolution to their mean (N, 1, 4, A)."""
    for softmax in graph.nodes("Softmax"):
        transpose = graph.maker(softmax.input[0], "Transpose")
        convolution = graph.only_user(softmax, "Conv")
        if (
            transpose is None
            or convolution is None
            or graph.only_user(transpose, "Softmax") is None
            or list(_attribute(transpose, "perm", ())) != [0, 2, 1, 3]
            or _attribute(softmax, "axis", -1) != 1
            or len(convolution.input) != 2
            or not _is_pointwise(convolution)
        ):
            continue
        filters = graph.constant(convolution.input[1])
        if filters is None or filters.dtype != np.float32 or len(filters) != 1:
            continue
        logits, mean = transpose.input[0], convolution.output[0]
        part = f"{mean}:{{}}".format
        values = filters.reshape(-1)
        # One row for the sum of bins times their values, one for the sum that makes it a mean.
        weights = graph.add_constant(part("weights"), np.stack((values, np.ones_like(values))))
        sides = graph.add_constant(part("sides"), np.array([1, 1], np.int64))
        if graph.opset >= _AXES_AS_INPUT:
            axes = graph.add_constant(part("axes"), np.array([2], np.int64))
            highest = helper.make_node("ReduceMax", [logits, axes], [part("highest")], keepdims=1)
        else:
            highest = helper.make_node("ReduceMax", [logits], [part("highest")], axes=[2], keepdims=1)
        # Splits in equal halves need a number of outputs from opset 18 on; sizes as an input serve all.
        new = [
            highest,
            helper.make_node("Sub", [logits, part("highest")], [part("lowered")]),
            helper.make_node("Exp", [part("lowered")], [part("exponentials")]),
            helper.make_node("MatMul", [weights, part("exponentials")], [part("sums")]),
            helper.make_node("Split", [part("sums"), sides], [part("weighted"), part("total")], axis=2),
            helper.make_node("Div", [part("weighted"), part("total")], [part("mean")]),
            helper.make_node("Transpose", [part("mean")], [mean], perm=[0, 2, 1, 3]),
        ]
        graph.replace([transpose, softmax, convolution], new)


def _split_convolutions(graph: _Graph) -> None:
    """1x1 convolution, SiLU (a product with its own sigmoid), split of the channels."""
    for split in graph.nodes("Split"):
        product = graph.maker(split.input[0], "Mul")
        if product is None or _attribute(split, "axis", 0) != 1 or graph.only_user(product, "Split") is None:
            continue
        if not all(split.output):
            continue
        convolution = next((node for name in product.input if (node := graph.maker(name, "Conv")) is not None), None)
        if convolution is None or not _is_pointwise(convolution) or len(convolution.input) != 3:
            continue
        users = graph.users(convolution)
        sigmoid = next((node for node in users if _is(node, "Sigmoid")), None)
        if (
            sigmoid is None
            or len(users) != 2
            or graph.only_user(sigmoid, "Mul") is not product
            or set(product.input) != {convolution.output[0], sigmoid.output[0]}
        ):
            continue
        filters, biases = (graph.constant(name) for name in convolution.input[1:])
        if filters is None or biases is None:
            continue
        sizes = _split_sizes(graph, split, len(filters))
        if sizes is None or any(size <= 0 or size % _CHANNEL_BLOCK for size in sizes) or sum(sizes) != len(filters):
            continue
        new: list[NodeProto] = []
        start = 0
        for size, output in zip(sizes, split.output, strict=True):
            part = f"{output}:{{}}".format
            own = slice(start, start + size)
            start += size
            inputs = [
                convolution.input[0],
                graph.add_constant(part("filters"), filters[own]),
                graph.add_constant(part("biases"), biases[own]),
            ]
            linear = helper.make_node("Conv", inputs, [part("linear")])
            linear.attribute.extend(convolution.attribute)
            new += [
                linear,
                helper.make_node("Sigmoid", [part("linear")], [part("sigmoid")]),
                helper.make_node("Mul", [part("linear"), part("sigmoid")], [output]),
            ]
        graph.replace([convolution, sigmoid, product, split], new)


def _split_sizes(graph: _Graph, split: NodeProto, channels: int) -> list[int] | None:
    """Channels of each output; None if they are not known, or not one for each output."""
    if len(split.input) > 1 and split.input[1]:
        sizes = graph.constant(split.input[1])
        found = None if sizes is None else [int(size) for size in sizes.reshape(-1)]
        return found if found is not None and len(found) == len(split.output) else None
    count = len(split.output)
    return None if channels % count else [channels // count] * count


def _is(node: NodeProto, operator: str) -> bool:
    return node.op_type == operator and node.domain in ("", "ai.onnx")


def _is_pointwise(convolution: NodeProto) -> bool:
    """Whether it looks at one place at a time, all channels together, and moves nothing."""
    return (
        set(_attribute(convolution, "kernel_shape", (0,))) == {1}
        and set(_attribute(convolution, "strides", (1,))) == {1}
        and set(_attribute(convolution, "pads", (0,))) == {0}
        and _attribute(convolution, "group", 1) == 1
        and _attribute(convolution, "auto_pad", b"NOTSET") == b"NOTSET"
    )


def _attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    return next((helper.get_attribute_value(item) for item in node.attribute if item.name == name), default)
