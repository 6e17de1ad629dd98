"""Weights of prepared networks, read into memory once for all sessions of a network.

The runtime would map their file. Mapped pages are small ones, which cost a YOLOv8n 3.5 % of its runs where a core is
fast (two cores with AVX-512, one thread a run, December 2026; nothing where it is slow), and a file that is cut short
while it is mapped ends the process. In memory of huge pages neither happens, and one copy still serves every session.

Weights that the runtime packed for its kernels stay mapped: it reads those from the file alone. Field numbers:
onnx.proto.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import threading
import weakref
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from backends.errors import PackageDamaged
from backends.onnx.wire_format import Field, fields, numbers, string_pair
from backends.session import Array

# Of ModelProto and GraphProto.
_GRAPH, _TENSOR = 7, 5
# Of TensorProto.
_DIMS, _TYPE, _NAME, _ENTRY = 1, 2, 8, 13
# TensorProto.DataType, as far as NumPy has the type.
_TYPES = {1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 10: "float16",
          11: "float64", 12: "uint32", 13: "uint64"}  # fmt: skip
# What an entry of a weight says that lies in the file as it is; others say that it was packed.
_PLAIN = {"location", "offset", "length"}

# Bytes. Kernels read whole cache lines.
_ALIGNMENT = 64
_UNFIT = "A prepared network and its weights do not belong together."

_guard = threading.Lock()
_in_memory: weakref.WeakValueDictionary[tuple[int, ...], Weights] = weakref.WeakValueDictionary()


class _Place(NamedTuple):
    """Where a weight lies in the file: its type and shape, and its first byte and length."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    length: int


class Weights:
    """The weights of one network, by name, as the runtime's values over one piece of memory."""

    def __init__(self, runtime: Any, places: Sequence[_Place], file: BufferedReader) -> None:
        """Reads the weights that lie at ``places`` in ``file``. Raises PackageDamaged if they do not, OSError."""
        memory = _huge_pages(sum(_aligned(place.length) for place in places))
        self._values, start = {}, 0
        for place in places:
            part = memory[start : start + place.length]
            file.seek(place.offset)
            if file.readinto(part.data) != place.length:
                raise PackageDamaged(_UNFIT)
            self._values[place.name] = runtime.OrtValue.ortvalue_from_numpy(_shaped(part, place))
            start += _aligned(place.length)

    def give_to(self, settings: Any) -> None:
        """Have a session with these settings use the weights. They must live as long as the session."""
        for name, value in self._values.items():
            settings.add_initializer(name, value)


def weights_of(runtime: Any, network: Path, file: Path) -> Weights | None:
    """The weights that the prepared ``network`` has in ``file``, read unless a session has them already.

    None if there is no such file. Raises PackageDamaged if the two do not belong together, OSError.
    """
    with _guard, contextlib.suppress(FileNotFoundError), file.open("rb") as opened:
        found = os.fstat(opened.fileno())
        identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        weights = _in_memory.get(identity)
        if weights is None:
            places = list(_places(memoryview(network.read_bytes()), file.name))
            weights = _in_memory[identity] = Weights(runtime, places, opened)
        return weights
    return None


def _huge_pages(size: int) -> Array:
    """Memory of ``size`` bytes, in huge pages where the system has them."""
    memory = mmap.mmap(-1, max(1, size))
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):
            # A kernel may be without them.
            memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=np.uint8)


def _aligned(length: int) -> int:
    return -(-length // _ALIGNMENT) * _ALIGNMENT


def _shaped(part: Array, place: _Place) -> Array:
    try:
        return part.view(place.dtype).reshape(place.shape)
    except ValueError:
        raise PackageDamaged(_UNFIT) from None


def _places(network: memoryview, location: str) -> Iterator[_Place]:
    for graph in _inside(network, Field(0, 0, 0, len(network)), _GRAPH):
        for tensor in _inside(network, graph, _TENSOR):
            entries = dict(string_pair(network, part.first, part.end) for part in _inside(network, tensor, _ENTRY))
            dtype = _TYPES.get(next(numbers(network, tensor.first, tensor.end, _TYPE), 0))
            if dtype is not None and entries.keys() == _PLAIN and entries["location"] == location:
                name = b"".join(bytes(network[part.first : part.end]) for part in _inside(network, tensor, _NAME))
                shape = tuple(numbers(network, tensor.first, tensor.end, _DIMS))
                yield _Place(name.decode(), dtype, shape, int(entries["offset"]), int(entries["length"]))


def _inside(content: memoryview, message: Field, number: int) -> Iterator[Field]:
    return (field for field in fields(content, message.first, message.end) if field.number == number)
