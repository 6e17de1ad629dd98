"""The precision of weights, counted in elements: one large tensor outweighs a hundred small ones."""

from __future__ import annotations

from collections import Counter

UNKNOWN = "unknown"
# What the wire has a word for; other types are `unknown` there.
_ON_THE_WIRE = {
    "float32": "fp32",
    "float16": "fp16",
    "bfloat16": "bf16",
    "int8": "int8",
    "uint8": "int8",
    "qint8": "int8",
    "quint8": "int8",
}
# Indices, shapes, counters and masks: of these no network is made.
_NOT_WEIGHTS = frozenset({"bool", "int16", "int32", "int64", "uint16", "uint32", "uint64", "qint32", "string"})
# More than networks have; a file may be made to name any number.
_MOST_TYPES = 8
# The beginnings of the names of types of at most 8 bits.
NARROW = ("int2", "uint2", "int4", "uint4", "int8", "uint8", "qint8", "quint", "float4", "float6", "float8")


def stored_types(elements: Counter[str]) -> tuple[str, ...]:
    """The types that weights have, the most frequent first. ``elements``: numbers of elements by the type's name."""
    return tuple(name for name, _ in _weights(elements).most_common(_MOST_TYPES))


def quantization(elements: Counter[str]) -> str | None:
    """The precision of most elements, in the words of the wire; None where there are no weights."""
    most = _weights(elements).most_common(1)
    return _ON_THE_WIRE.get(most[0][0], UNKNOWN) if most else None


def _weights(elements: Counter[str]) -> Counter[str]:
    return Counter({name: count for name, count in elements.items() if count and name not in _NOT_WEIGHTS})
