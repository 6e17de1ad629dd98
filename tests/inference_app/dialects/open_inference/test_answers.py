"""Answers of the Open Inference Protocol: tensors as JSON and as bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from backends.errors import OutputNotFinite
from inference_app.dialects.open_inference.answers import dump_reply
from inference_app.dialects.open_inference.requests import parse_request
from registry.errors import InvalidRequest

FLOATS = {"name": "images", "datatype": "FP32", "shape": [2, 2], "data": [[1, 2], [3, 4]]}


def request(*inputs: dict[str, Any], **others: Any) -> bytes:
    return json.dumps({"inputs": list(inputs), **others}).encode()


def test_outputs_are_json_unless_bytes_are_wanted() -> None:
    body, header_length = dump_reply({}, {"y": np.array([[1.5]], np.float32)}, parse_request(request(FLOATS), None))
    assert header_length is None
    assert json.loads(body)["outputs"] == [{"name": "y", "datatype": "FP32", "shape": [1, 1], "data": [1.5]}]


def test_an_output_is_bytes_where_wanted() -> None:
    wanted = request(FLOATS, outputs=[{"name": "y", "parameters": {"binary_data": True}}])
    body, header_length = dump_reply({}, {"y": np.array([1.5], np.float32)}, parse_request(wanted, None))
    assert header_length is not None
    assert json.loads(body[:header_length])["outputs"][0]["parameters"] == {"binary_data_size": 4}
    assert np.frombuffer(body[header_length:], np.float32).tolist() == [1.5]


def test_it_gives_only_the_outputs_that_are_wanted() -> None:
    outputs = {"y": np.zeros(1, np.float32), "z": np.zeros(1, np.float32)}
    body, _ = dump_reply({}, outputs, parse_request(request(FLOATS, outputs=[{"name": "z"}]), None))
    assert [entry["name"] for entry in json.loads(body)["outputs"]] == ["z"]


def test_it_refuses_an_output_that_is_not_there() -> None:
    with pytest.raises(InvalidRequest):
        dump_reply({}, {}, parse_request(request(FLOATS, outputs=[{"name": "z"}]), None))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_json_refuses_an_output_that_is_not_finite(value: float) -> None:
    with pytest.raises(OutputNotFinite, match="Ask for it as bytes"):
        dump_reply({}, {"y": np.array([1, value], np.float32)}, parse_request(request(FLOATS), None))


def test_bytes_keep_the_bits_of_what_is_not_finite() -> None:
    # Two NaNs that differ in their bits alone.
    output = np.array([0x7FC00001, 0xFFC00002, 0x7F800000], np.uint32).view(np.float32)
    wanted = parse_request(request(FLOATS, parameters={"binary_data_output": True}), None)
    body, header_length = dump_reply({}, {"y": output}, wanted)
    assert body[header_length:] == output.tobytes()
