"""Which other files an ONNX file points to, read from its bytes without loading it.

ONNX may keep weights in files beside the model, by a relative path inside the model. The path is data from a
stranger, so it is checked before any runtime follows it. The ``onnx`` library would do the parsing, but must not be
needed to serve. Field numbers: onnx.proto.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from backends.errors import PackageDamaged
from backends.onnx.wire_format import fields, string_pair
from negotiation.handles import handle_problem

# Which fields hold, by message, another message in which a tensor can be. Numbers from onnx.proto.
_NESTED: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_DEEPEST = 64
# The key, in a tensor's list of pairs, of the path.
_LOCATION = "location"
# Bytes. Messages up to this size are searched for the key before they are read field by field: most are nodes, which
# hold dozens of fields, and other threads run Python too.
_SMALL = 4096
_DAMAGED = "The ONNX file is damaged."


def external_files(path: Path) -> frozenset[str]:
    """Paths, as written in the ONNX file, of all files that it refers to.

    Raises PackageDamaged if the bytes are not a protobuf message or cannot be read.
    """
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
            memoryview(view) as content,
        ):
            return frozenset(_locations(content, 0, len(content), "model", 0))
    except (OSError, ValueError):
        # An empty file cannot be mapped: ValueError.
        raise PackageDamaged(_DAMAGED) from None


def name_problem(name: str) -> str | None:
    """Why an ONNX file may not refer to ``name``, as a sentence; None for a file of the package.

    What clients take as the name of a package's file may be named, in a folder too: relative, without `..`, links to
    elsewhere, schemes or the marks by which a runtime means memory. The one rule for inspection and loading.
    """
    problem = handle_problem(name)
    return None if problem is None else f"The ONNX file refers to {name[:80]!r}: the name of a file {problem}."


def check_external_files(path: Path) -> frozenset[str]:
    """As `external_files`. Raises PackageDamaged also where one is anything but a plain file of the package."""
    names = external_files(path)
    directory = path.parent.resolve()
    for name in names:
        problem = name_problem(name)
        if problem is not None:
            raise PackageDamaged(problem)
        file = path.parent / name
        if not file.is_file():
            raise PackageDamaged(f"The ONNX file refers to {name[:80]!r}, which the package does not have.")
        # The file itself may be a link: so the client lays out its cache.
        if not file.parent.resolve().is_relative_to(directory):
            raise PackageDamaged(f"The ONNX file refers to {name[:80]!r}, which leads out of the package.")
    return names


def _locations(content: memoryview, start: int, end: int, message: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise PackageDamaged("The ONNX file is nested too deeply.")
    nested = _NESTED[message]
    for number, _, first, last in fields(content, start, end):
        kind = nested.get(number)
        if kind == "entry":
            key, value = string_pair(content, first, last)
            if key == _LOCATION:
                yield value
        elif kind is not None and (last - first > _SMALL or _LOCATION.encode() in bytes(content[first:last])):
            yield from _locations(content, first, last, kind, depth + 1)
