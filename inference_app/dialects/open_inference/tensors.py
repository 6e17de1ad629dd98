"""Tensors of the protocol, as JSON and as bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.errors import OutputNotFinite
from inference_app.dialects.open_inference.long_lists import LongLists, cut_out, pieces
from inference_app.requests.admission import weigh
from inference_app.requests.bodies import parse_json, parse_length
from registry.api.strict_json import dump
from registry.errors import InvalidRequest, RequestTooLarge

Array = npt.NDArray[Any]

HEADER_LENGTH = "Inference-Header-Content-Length"
MAX_DIMENSIONS = 8
# Of all tensors of a request together. More of them go as bytes, where each takes no more than its size.
MAX_JSON_NUMBERS = 1_500_000
# What a number takes that is an object of Python's, as those of lists within lists are.
NUMBER_BYTES = 100
# Sizes of shapes, names and parameters, and the lists that numbers may be nested in.
MAX_OTHER_VALUES = 100_000
_TYPES: dict[str, type[np.generic]] = {
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
    "FP16": np.float16,
    "FP32": np.float32,
    "FP64": np.float64,
}
_NAMES = {np.dtype(kind): name for name, kind in _TYPES.items()}
# What ONNX calls them (see packages_app.facts.Tensor).
_ONNX_NAMES = {
    "bool": "BOOL",
    "float": "FP32",
    "float16": "FP16",
    "double": "FP64",
    **{f"{sign}int{bits}": f"{sign.upper()}INT{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


@dataclass(frozen=True)
class InferRequest:
    """``outputs`` says of each wanted output whether it is wanted as bytes; None: all, as the default says."""

    identifier: str | None
    inputs: Mapping[str, Array]
    outputs: Mapping[str, bool] | None
    binary_by_default: bool

    def wants_binary(self, name: str) -> bool:
        return self.binary_by_default if self.outputs is None else self.outputs[name]


def dtype_of_onnx(name: str) -> type[np.generic] | None:
    """The NumPy type of an ONNX element type; None for text and what else has no fixed size here."""
    return _TYPES.get(datatype_of_onnx(name))


def datatype_of_onnx(name: str) -> str:
    """The protocol's name of an ONNX element type such as ``float``."""
    return _ONNX_NAMES.get(name, "BYTES")


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


def dump_reply(
    reply: Mapping[str, Any], outputs: Mapping[str, Array], request: InferRequest
) -> tuple[bytes, int | None]:
    """The body of an answer, and the length of its JSON where binary tensors follow it.

    ``reply`` holds the fields beside the outputs. Raises InvalidRequest for a wanted output that the network
    does not have, OutputNotFinite for one that JSON cannot hold (as bytes it keeps its bits), and ServerBusy where
    there is no room for its numbers now.
    """
    wanted = list(outputs) if request.outputs is None else list(request.outputs)
    described, blobs = [], []
    for name in wanted:
        if name not in outputs:
            raise InvalidRequest(f"The model has no output {name[:80]!r}.")
        array = np.ascontiguousarray(outputs[name])
        if array.dtype not in _NAMES:
            raise InvalidRequest(f"The output {name!r} has a type that the protocol does not know.")
        entry: dict[str, Any] = {"name": name, "datatype": _NAMES[array.dtype], "shape": list(array.shape)}
        if request.wants_binary(name):
            blob = array.tobytes()
            entry["parameters"] = {"binary_data_size": len(blob)}
            blobs.append(blob)
        else:
            if not np.isfinite(array).all():
                raise OutputNotFinite(
                    f"The output {name[:80]!r} holds NaN or infinity, which JSON does not have. Ask for it as bytes: "
                    "`binary_data` of the output, or `binary_data_output` of the request."
                )
            weigh(array.size * NUMBER_BYTES)
            entry["data"] = array.ravel().tolist()
        described.append(entry)
    head = dump({**reply, "outputs": described})
    return (head, None) if not blobs else (b"".join([head, *blobs]), len(head))


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
    kind = _TYPES.get(str(entry.get("datatype")))
    if kind is None:
        raise InvalidRequest(f"The datatype of {label} is not one of {', '.join(_TYPES)}.")
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
