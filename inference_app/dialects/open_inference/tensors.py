"""The types of tensors, in the protocol's words, ONNX's and NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

HEADER_LENGTH = "Inference-Header-Content-Length"
TYPES: dict[str, type[np.generic]] = {
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
NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}
# What ONNX calls them (see packages_app.facts.Tensor).
_ONNX_NAMES = {
    "bool": "BOOL",
    "float": "FP32",
    "float16": "FP16",
    "double": "FP64",
    **{f"{sign}int{bits}": f"{sign.upper()}INT{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


def dtype_of_onnx(name: str) -> type[np.generic] | None:
    """The NumPy type of an ONNX element type; None for text and what else has no fixed size here."""
    return TYPES.get(datatype_of_onnx(name))


def datatype_of_onnx(name: str) -> str:
    """The protocol's name of an ONNX element type such as ``float``."""
    return _ONNX_NAMES.get(name, "BYTES")
