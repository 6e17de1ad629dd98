"""Protocol buffers as bytes: enough to find a message's fields, and to write one, without reading what they hold.

ONNX files are protobuf messages that consist of weights for the most part. The wire format is simple enough to step
over those. Source: the encoding guide of Protocol Buffers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backends.errors import PackageDamaged

_DAMAGED = "The ONNX file is damaged."
# Wire types, and how long numbers of fixed length are.
_VARINT, _LENGTH_DELIMITED = 0, 2
_FIXED = {1: 8, 5: 4}


class Field(NamedTuple):
    """A length-delimited field: its number, where it begins, and first byte and end of what it holds."""

    number: int
    start: int
    first: int
    end: int


def fields(content: memoryview, start: int, end: int) -> Iterator[Field]:
    """The length-delimited fields of the message between ``start`` and ``end``; others are stepped over.

    Raises PackageDamaged if this is no protobuf message.
    """
    position = start
    while position < end:
        field_start = position
        # Most tags and many lengths are one byte, and a call costs more than all else here.
        tag = content[position]
        if tag < 0x80:
            position += 1
        else:
            tag, position = _varint(content, position, end)
        number, wire_type = tag >> 3, tag & 7
        if number == 0:
            raise PackageDamaged(_DAMAGED)
        if wire_type == _LENGTH_DELIMITED:
            if position < end and (length := content[position]) < 0x80:
                position += 1
            else:
                length, position = _varint(content, position, end)
            if position + length > end:
                raise PackageDamaged("The ONNX file ends too early.")
            yield Field(number, field_start, position, position + length)
            position += length
        elif wire_type == _VARINT:
            _, position = _varint(content, position, end)
        elif wire_type in _FIXED:
            position += _FIXED[wire_type]
        else:
            raise PackageDamaged(_DAMAGED)
    if position != end:
        raise PackageDamaged("The ONNX file ends too early.")


def numbers(content: memoryview, start: int, end: int, wanted: int) -> Iterator[int]:
    """The whole numbers in the field ``wanted`` of the message between ``start`` and ``end``, packed or one by one.

    Raises PackageDamaged if this is no protobuf message.
    """
    position = start
    while position < end:
        tag, position = _varint(content, position, end)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == _VARINT:
            value, position = _varint(content, position, end)
            if number == wanted:
                yield value
        elif wire_type == _LENGTH_DELIMITED:
            length, position = _varint(content, position, end)
            last = min(position + length, end)
            while number == wanted and position < last:
                value, position = _varint(content, position, last)
                yield value
            position = last
        elif wire_type in _FIXED:
            position += _FIXED[wire_type]
        else:
            raise PackageDamaged(_DAMAGED)


def string_pair(content: memoryview, start: int, end: int) -> tuple[str, str]:
    """Key and value of a pair of texts (StringStringEntryProto). Raises PackageDamaged if this is no message."""
    texts = {1: "", 2: ""}
    for number, _, first, last in fields(content, start, end):
        texts[number] = bytes(content[first:last]).decode("utf-8", "replace")
    return texts[1], texts[2]


def field_header(number: int, length: int) -> bytes:
    """What comes before the ``length`` bytes of a length-delimited field."""
    return _encoded(number << 3 | _LENGTH_DELIMITED) + _encoded(length)


def _varint(content: memoryview, position: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while position < end and shift < 70:
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise PackageDamaged(_DAMAGED)


def _encoded(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
