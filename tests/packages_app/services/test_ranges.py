from __future__ import annotations

import pytest

from packages_app.errors import RangeNotSatisfiable
from packages_app.services.ranges import ByteRange, matches, range_applies, requested_range

SIZE = 100
ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=0-99", ByteRange(0, 100)),
        ("bytes=10-19", ByteRange(10, 10)),
        ("bytes=99-", ByteRange(99, 1)),
        ("bytes=10-1000", ByteRange(10, 90)),
        ("bytes=10-" + "9" * 5000, ByteRange(10, 90)),
        ("bytes=-1", ByteRange(99, 1)),
        ("bytes=-1000", ByteRange(0, 100)),
        ("BYTES = 10 - 19", ByteRange(10, 10)),
        ("bytes=0000000000000000000000010-19", ByteRange(10, 10)),
    ],
)
def test_a_range_is_read(header: str, expected: ByteRange) -> None:
    assert requested_range(header, SIZE) == expected


@pytest.mark.parametrize(
    "header",
    [
        "bytes=", "bytes=-", "bytes", "bytes=a-b", "bytes=20-10", "bytes=1-2,4-5", "bytes=--1", "bytes=1", "lines=1-2",
        "bytes=1-2-3", "bytes=+1-2", "bytes=\u0661-\u0662", "",
    ],
)  # fmt: skip
def test_what_cannot_be_read_or_is_not_one_range_asks_for_the_whole_file(header: str) -> None:
    assert requested_range(header, SIZE) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=" + "9" * 5000 + "-"])
def test_a_range_outside_of_the_file_is_not_satisfiable(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        requested_range(header, SIZE)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_no_range_of_an_empty_file_is_satisfiable(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        requested_range(header, 0)


def test_a_content_range_has_the_last_byte_and_the_size() -> None:
    assert ByteRange(10, 5).content_range(SIZE) == "bytes 10-14/100"


@pytest.mark.parametrize(
    ("header", "applies"),
    [
        ("", True), (ETAG, True), ('"other"', False), (f"W/{ETAG}", False), ("Wed, 21 Oct 2026 07:28:00 GMT", False),
    ],
)  # fmt: skip
def test_if_range_needs_exactly_the_etag(header: str, applies: bool) -> None:
    assert range_applies(header, ETAG) is applies


@pytest.mark.parametrize(
    ("header", "strong", "weak"),
    [
        (ETAG, True, True), (f'"x", {ETAG}', True, True), ("*", True, True), (f"W/{ETAG}", False, True),
        ('"x"', False, False), ("abc", False, False), ("", False, False),
    ],
)  # fmt: skip
def test_lists_of_etags_are_compared(header: str, strong: bool, weak: bool) -> None:
    assert matches(header, ETAG) is strong
    assert matches(header, ETAG, weakly=True) is weak
