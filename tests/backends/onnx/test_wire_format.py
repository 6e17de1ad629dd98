from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.errors import PackageDamaged
from backends.onnx.wire_format import field_header, fields, numbers, string_pair


def _fields(content: bytes) -> list[tuple[int, bytes]]:
    view = memoryview(content)
    return [(field.number, bytes(view[field.first : field.end])) for field in fields(view, 0, len(view))]


@given(st.lists(st.tuples(st.integers(1, 2**29 - 1), st.binary(max_size=300))))
def test_what_is_written_is_read(messages: list[tuple[int, bytes]]) -> None:
    content = b"".join(field_header(number, len(message)) + message for number, message in messages)
    assert _fields(content) == messages


def test_a_field_begins_with_its_header() -> None:
    content = field_header(5, 2) + b"ab" + field_header(7, 1) + b"c"
    assert [field.start for field in fields(memoryview(content), 0, len(content))] == [0, 4]


@pytest.mark.parametrize("other", [b"\x08\x96\x01", b"\x09" + bytes(8), b"\x0d" + bytes(4)])
def test_numbers_are_stepped_over(other: bytes) -> None:
    assert _fields(other + field_header(2, 1) + b"a") == [(2, b"a")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x00\x01", id="field number zero"),
        pytest.param(b"\x0b", id="a group"),
        pytest.param(b"\x0a\x05ab", id="longer than the message"),
        pytest.param(b"\x09\x00", id="a number cut short"),
        pytest.param(b"\x0a" + b"\xff" * 11, id="a length without end"),
    ],
)
def test_other_bytes_are_damage(content: bytes) -> None:
    with pytest.raises(PackageDamaged):
        _fields(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x08\x03\x08\x96\x01", id="one by one"),
        pytest.param(b"\x0a\x03\x03\x96\x01", id="packed"),
        pytest.param(b"\x10\x07\x08\x03\x19" + bytes(8) + b"\x25" + bytes(4) + b"\x08\x96\x01", id="among others"),
    ],
)
def test_whole_numbers_of_a_field(content: bytes) -> None:
    assert list(numbers(memoryview(content), 0, len(content), 1)) == [3, 150]


@pytest.mark.parametrize("content", [b"\x0b", b"\x08\x80"])
def test_numbers_in_other_bytes_are_damage(content: bytes) -> None:
    with pytest.raises(PackageDamaged):
        list(numbers(memoryview(content), 0, len(content), 1))


def test_a_pair_of_texts() -> None:
    content = field_header(1, 3) + b"key" + field_header(2, 5) + b"value"
    assert string_pair(memoryview(content), 0, len(content)) == ("key", "value")
