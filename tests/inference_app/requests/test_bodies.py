from __future__ import annotations

import pytest

from inference_app.requests.bodies import MAX_JSON_VALUES, parse_json, parse_length
from registry.errors import InvalidRequest, RequestTooLarge


def test_it_reads_text_of_every_plane() -> None:
    assert parse_json(b'{"a": "\\ud83d\\ude00 \xf0\x9f\x98\x80"}') == {"a": "\U0001f600 \U0001f600"}


@pytest.mark.parametrize(
    "body", [b'"\\ud800"', b'["\\udc00"]', b'{"\\ud83d": 1}', b'"\xed\xa0\x80"', b"\xff", b"{", b"[" * 90_000]
)
def test_it_refuses_what_is_no_json_and_text_that_nothing_can_hold(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_json(body)


@pytest.mark.parametrize(
    "body", [b'{"a": NaN}', b"[Infinity]", b"-Infinity", b"1e999", b"[-1E+400]", b"1" + b"0" * 400 + b".0"]
)
def test_it_refuses_numbers_that_json_does_not_have(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_json(body)


def test_it_refuses_more_values_than_memory_should_hold() -> None:
    assert len(parse_json(b"[" + b"0," * (MAX_JSON_VALUES - 1) + b"0]")) == MAX_JSON_VALUES
    for value in (b"0,", b"[],", b"{},"):
        with pytest.raises(RequestTooLarge):
            parse_json(b"[" + value * MAX_JSON_VALUES + value[:-1] + b"]")


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", "\u00b2", "\u0663", "9" * 5_000])
def test_a_length_is_written_in_digits_alone(text: str) -> None:
    assert parse_length(text) is None


def test_a_length_is_a_number() -> None:
    assert parse_length("65536") == 65536
