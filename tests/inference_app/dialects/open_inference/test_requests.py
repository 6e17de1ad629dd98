"""Requests of the Open Inference Protocol: tensors as JSON and as bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from inference_app.dialects.open_inference.requests import MAX_OTHER_VALUES, parse_header_length, parse_request
from registry.errors import InvalidRequest, RequestTooLarge

FLOATS = {"name": "images", "datatype": "FP32", "shape": [2, 2], "data": [[1, 2], [3, 4]]}


def request(*inputs: dict[str, Any], **others: Any) -> bytes:
    return json.dumps({"inputs": list(inputs), **others}).encode()


def test_it_reads_nested_data() -> None:
    array = parse_request(request(FLOATS), None).inputs["images"]
    assert array.dtype == np.float32
    assert array.tolist() == [[1, 2], [3, 4]]


def test_it_reads_flat_data() -> None:
    array = parse_request(request({**FLOATS, "data": [1, 2, 3, 4]}), None).inputs["images"]
    assert array.tolist() == [[1, 2], [3, 4]]


def test_it_reads_binary_tensors_in_the_order_of_their_declaration() -> None:
    first = {"name": "a", "datatype": "FP32", "shape": [2], "parameters": {"binary_data_size": 8}}
    second = {"name": "b", "datatype": "INT64", "shape": [1], "parameters": {"binary_data_size": 8}}
    head = request(first, second)
    body = head + np.array([1, 2], np.float32).tobytes() + np.array([7], np.int64).tobytes()
    inputs = parse_request(body, len(head)).inputs
    assert inputs["a"].tolist() == [1, 2]
    assert inputs["b"].tolist() == [7]


@pytest.mark.parametrize(
    "entry",
    [
        {**FLOATS, "datatype": "BYTES"},
        {**FLOATS, "datatype": None},
        {**FLOATS, "shape": [2, -2]},
        {**FLOATS, "shape": [True, 4]},
        {**FLOATS, "shape": [1] * 9 + [4]},
        {**FLOATS, "shape": [3, 3]},
        {**FLOATS, "data": None},
        {**FLOATS, "data": [[1, 2], [3]]},
        {**FLOATS, "data": ["1", "2", "3", "4"]},
        {**FLOATS, "name": 3},
        {"name": "images", "datatype": "FP32", "shape": [1], "parameters": {"binary_data_size": 4}},
        {"name": "images", "datatype": "FP32", "shape": [1], "parameters": 3},
    ],
)
def test_it_refuses_a_tensor_that_contradicts_itself(entry: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(request(entry), None)


@pytest.mark.parametrize("numbers", [[256], [-1], [2**64]])
def test_it_refuses_whole_numbers_beyond_their_type(numbers: list[int]) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(request({**FLOATS, "datatype": "UINT8", "shape": [1], "data": numbers}), None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b'{"inputs": []}', b'{"inputs": 3}', b"[" * 100_000])
def test_it_refuses_a_body_that_is_no_request(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(body, None)


@pytest.mark.parametrize("length", ["-1", "abc", "", "9" * 50])
def test_it_refuses_a_header_length_that_is_no_number(length: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_header_length(length)


def test_it_refuses_a_header_length_that_does_not_fit() -> None:
    with pytest.raises(InvalidRequest):
        parse_request(request(FLOATS), 1_000_000)


def test_it_refuses_more_numbers_than_are_needed() -> None:
    body = b'{"inputs": [{"data": [' + b"0," * (MAX_OTHER_VALUES + 10) + b"0]}]}"
    with pytest.raises(RequestTooLarge, match=r"4 numbers .* as bytes"):
        parse_request(body, None, most_numbers=4)


def test_it_refuses_bytes_that_no_tensor_claims() -> None:
    head = request(FLOATS)
    with pytest.raises(InvalidRequest):
        parse_request(head + b"more", len(head))


def test_binary_inputs_keep_the_bits_of_what_is_not_finite() -> None:
    content = np.array([0x7FC00001, 0x7F800000], np.uint32).tobytes()
    entry = {"name": "a", "datatype": "FP32", "shape": [2], "parameters": {"binary_data_size": 8}}
    head = request(entry)
    assert parse_request(head + content, len(head)).inputs["a"].tobytes() == content


@pytest.mark.parametrize(("number", "datatype"), [("NaN", "FP32"), ("Infinity", "FP32"), ("-Infinity", "FP64"),
                                                  ("1e999", "FP64"), ("1" + "0" * 400 + ".5", "FP64"), ("1e39", "FP32"),
                                                  ("70000", "FP16")])  # fmt: skip
def test_it_refuses_numbers_that_are_not_finite(number: str, datatype: str) -> None:
    body = request({**FLOATS, "datatype": datatype, "data": [1, 2, 3, 4]}).replace(b"4]}", number.encode() + b"]}")
    with pytest.raises(InvalidRequest):
        parse_request(body, None)
