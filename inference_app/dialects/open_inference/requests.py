"""Requests of the protocol: JSON, and perhaps the bytes of tensors behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference_app.dialects.open_inference.long_lists import LongLists, cut_out, pieces
from inference_app.dialects.open_inference.tensors import HEADER_LENGTH, TYPES, Array
from inference_app.requests.admission import NUMBER_BYTES, weigh
from inference_app.requests.bodies import parse_json, parse_length
from registry.errors import InvalidRequest, RequestTooLarge

MAX_DIMENSIONS = 8
# Of all tensors of a request together. More of them go as bytes, where each takes no more than its size.
MAX_JSON_NUMBERS = 1_500_000
# Sizes of shapes, names and parameters, and the lists that numbers may be nested in.
MAX_OTHER_VALUES = 100_000


@dataclass(frozen=True)
class InferRequest:
    """``outputs`` says of each wanted output whether it is wanted as bytes; None: all, as the default says."""

    identifier: str | None
    inputs: Mapping[str, Array]
    outputs: Mapping[str, bool] | None
    binary_by_default: bool

    def wants_binary(self, name: str) -> bool:
        return self.binary_by_default if self.outputs is None else self.outputs[name]


def parse_header_length(text: str | None) -> int | None:
    """The length of the JSON before binary tensors; None where there are none. Raises InvalidRequest."""
    if text is None:
        return None
    length = parse_length(text)
    if length is None:
        raise InvalidRequest(f"The header {HEADER_LENGTH} is not a number of bytes.")
    return length


def parse_request(body: bytes, header_length: int | None, *, most_numbers: int = MAX_JSON_NUMBERS) -> InferRequest:
    """The request in ``body``: JSON, followed by the bytes of binary tensors where ``header_length`` is given.

    Raises InvalidRequest, which names the tensor, RequestTooLarge for more than ``most_numbers`` in the JSON, and
    ServerBusy where there is no room for them now.
    """
    view = memoryview(body)
    head, tail = view, view[len(view) :]
    if header_length is not None:
        if header_length > len(view):
            raise InvalidRequest(f"The header {HEADER_LENGTH} does not fit the body.")
        head, tail = view[:header_length], view[header_length:]
    document, lists = _object(bytes(head), most_numbers)
    declared = document.get("inputs")
    if not isinstance(declared, list) or not declared:
        raise InvalidRequest("`inputs` is a list of at least one tensor.")
    inputs: dict[str, Array] = {}
    for entry in declared:
        name, array, tail = _input(entry, lists, tail)
        if name in inputs:
            raise InvalidRequest(f"The input {name!r} is there twice.")
        inputs[name] = array
    if len(tail):
        raise InvalidRequest("The body holds more bytes than its binary tensors have.")
    identifier = document.get("id")
    if identifier is not None and not isinstance(identifier, str):
        raise InvalidRequest("`id` is a string.")
    default = bool(_parameters(document).get("binary_data_output", False))
    return InferRequest(identifier, inputs, _outputs(document.get("outputs"), default), default)


def _object(head: bytes, most_numbers: int) -> tuple[dict[str, Any], LongLists]:
    """The JSON object, and the long lists of numbers that were cut out of it."""
    most_values = most_numbers + MAX_OTHER_VALUES
    if head.count(b",") > most_values:
        raise RequestTooLarge(
            f"The JSON holds more than the {most_numbers} numbers that are taken for this model's inputs in this form. "
            "Send larger tensors as bytes (the extension binary_tensor_data)."
        )
    rest, lists = cut_out(head)
    weigh(sum(len(text) for text in lists.texts) + rest.count(b",") * NUMBER_BYTES)
    document = parse_json(rest, most_values=most_values, parse_float=float)
    if not isinstance(document, dict):
        raise InvalidRequest("The body is not a JSON object.")
    return document, lists


def _parameters(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = entry.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise InvalidRequest("`parameters` is an object.")
    return parameters


def _input(entry: Any, lists: LongLists, tail: memoryview) -> tuple[str, Array, memoryview]:
    """Name and array of one declared input, and what is left of the binary part after it."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise InvalidRequest("An input is an object with a name.")
    name = entry["name"]
    label = f"the input {name[:80]!r}"
    kind = TYPES.get(str(entry.get("datatype")))
    if kind is None:
        raise InvalidRequest(f"The datatype of {label} is not one of {', '.join(TYPES)}.")
    shape = entry.get("shape")
    if (
        not isinstance(shape, list)
        or len(shape) > MAX_DIMENSIONS
        or not all(type(size) is int and size >= 0 for size in shape)
    ):
        raise InvalidRequest(f"The shape of {label} is not a list of sizes.")
    size = _parameters(entry).get("binary_data_size")
    if size is not None:
        if type(size) is not int or not 0 <= size <= len(tail):
            raise InvalidRequest(f"`binary_data_size` of {label} does not fit the body.")
        if size != math.prod(shape) * np.dtype(kind).itemsize:
            raise InvalidRequest(f"The bytes of {label} do not fit its shape.")
        return name, np.frombuffer(tail[:size], dtype=kind).reshape(shape), tail[size:]
    data = entry.get("data")
    text = lists.find(data)
    if text is None and not isinstance(data, list):
        raise InvalidRequest(f"The data of {label} are missing.")
    try:
        parts = [_numbers(values, kind) for values in ([data] if text is None else pieces(text))]
        return name, (parts[0] if len(parts) == 1 else np.concatenate(parts)).reshape(shape), tail
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidRequest(f"The data of {label} do not fit its shape and datatype.") from error


def _numbers(values: Any, kind: type[np.generic]) -> Array:
    # Through object arrays NumPy would take text and nested lists of unequal length; this way it refuses both.
    array = np.array(values)
    if array.dtype == object or array.dtype.kind not in "biuf":
        raise ValueError("not numbers")
    with np.errstate(over="ignore"):
        # Whole numbers not by way of another type: some of 64 bits would lose digits, and too large ones wrap around.
        array = np.array(values, dtype=kind) if issubclass(kind, np.integer) else array.astype(kind)
    if not np.isfinite(array).all():
        raise ValueError("too large for the datatype")
    return array


def _outputs(declared: Any, default: bool) -> dict[str, bool] | None:
    if declared is None or declared == []:
        return None
    if not isinstance(declared, list):
        raise InvalidRequest("`outputs` is a list.")
    wanted = {}
    for entry in declared:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise InvalidRequest("An output is an object with a name.")
        parameters = _parameters(entry)
        if "classification" in parameters or "shared_memory_region" in parameters:
            raise InvalidRequest("The classification and shared memory extensions are not offered.")
        wanted[entry["name"]] = bool(parameters.get("binary_data", default))
    return wanted
