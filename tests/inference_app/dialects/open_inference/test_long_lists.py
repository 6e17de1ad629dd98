"""Long flat lists of numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from inference_app.dialects.open_inference.long_lists import PIECE_BYTES, SHORTEST_BYTES, cut_out, pieces
from inference_app.dialects.open_inference.requests import parse_request
from registry.errors import InvalidRequest

COUNT = 60_000


def body(data: str, count: int = COUNT, datatype: str = "FP32", **more: Any) -> bytes:
    entry = {"name": "a", "datatype": datatype, "shape": [count], "data": "here", **more}
    return json.dumps({"inputs": [entry]}).replace('"here"', data).encode()


def test_they_are_read_as_short_ones_are() -> None:
    numbers = np.random.default_rng(3).normal(size=COUNT).astype(np.float32)
    text = json.dumps(numbers.tolist(), indent=1)
    assert len(text) > 2 * PIECE_BYTES
    assert np.array_equal(parse_request(body(text), None).inputs["a"], numbers)


def test_whole_numbers_keep_all_their_digits() -> None:
    numbers = [1, 2**64 - 1, *range(COUNT - 2)]
    assert parse_request(body(json.dumps(numbers), datatype="UINT64"), None).inputs["a"].tolist() == numbers


def test_several_lists_stay_apart() -> None:
    entries = [{"name": name, "datatype": "INT32", "shape": [COUNT], "data": [number] * COUNT}
               for number, name in enumerate("abc")]  # fmt: skip
    inputs = parse_request(json.dumps({"inputs": entries}).encode(), None).inputs
    assert [int(inputs[name].max()) for name in "abc"] == [0, 1, 2]
    assert [int(inputs[name].min()) for name in "abc"] == [0, 1, 2]


def test_nested_and_short_lists_stay_in_the_document() -> None:
    nested = json.dumps({"data": [[1.5] * 40_000, [2.5] * 40_000]}).encode()
    short = json.dumps({"data": [1] * 100}).encode()
    for document in (nested, short):
        rest, lists = cut_out(document)
        assert rest == document
        assert lists.texts == []


@pytest.mark.parametrize(
    "bad", ["1,", ",1", "1,,1", "NaN", "Infinity", "1 2", "null", "'1'", "0x1", "1e999", "1e39", "-", "true false"]
)
@pytest.mark.parametrize("where", ["beginning", "middle", "end"])
def test_a_mistake_anywhere_is_found(bad: str, where: str) -> None:
    good = ",".join(["0.123456789"] * 30_000)
    text = {"beginning": f"{bad},{good}", "middle": f"{good},{bad},{good}", "end": f"{good},{bad}"}[where]
    count = text.count(",") + 1
    with pytest.raises(InvalidRequest):
        parse_request(body(f"[{text}]", count), None)


def test_a_comma_that_ends_a_piece_and_the_list_is_a_mistake() -> None:
    text = b"1" * PIECE_BYTES + b","
    with pytest.raises(ValueError, match=r"comma|digits"):
        list(pieces(text))
    with pytest.raises(ValueError, match="comma"):
        list(pieces(b" " * (PIECE_BYTES - 1) + b"1,"))


def test_nobody_can_name_a_list_that_was_cut_out() -> None:
    lists = cut_out(b'{"data": [' + b"1," * SHORTEST_BYTES + b"1]}")[1]
    for data in ({"": 0}, {"0": 0}, {"data": 0}, None, [], "0"):
        assert lists.find(data) is None
