"""What ONNX Runtime says when it refuses, as errors of ours. Its messages were read of 1.17 to 1.32."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from backends.errors import (
    BackendError,
    BadTensor,
    DeviceUnavailable,
    InferenceFailed,
    OutOfMemory,
    PackageDamaged,
    RuntimeTooOld,
    UnsupportedInput,
    UnsupportedOperator,
)
from backends.onnx.wire_format import Field, fields

_NO_MEMORY = re.compile(r"out of memory|failed to allocate|bad_alloc|bfcarena|cudaErrorMemoryAllocation", re.I)
_IR_TOO_NEW = re.compile(r"Unsupported model IR version: (\d+), max supported IR version: (\d+)")
_OPSET_TOO_NEW = re.compile(
    r"Opset (\d+) is under development.*?Current official support for domain (\S+) is till", re.S
)
_NO_KERNEL = re.compile(r"Could not find an implementation for (\S+?)\((\d+)\)")
_NO_OPERATOR = re.compile(r"No Op registered for (\S+) with domain_version of (\d+)")
_NOT_REGISTERED = re.compile(r"Fatal error: (\S+?)\(-?\d+\) is not a registered function/op")
_NO_DOMAIN = re.compile(r"No opset import for domain '?([^'\n]*)'?")
_NAME = re.compile(r"[^\w.:/-]")

_BFLOAT16 = 16


def load_error(error: Exception, runtime: str, path: Path) -> BackendError:
    """Why the ONNX file at ``path`` could not be loaded; ``runtime`` is the version of ONNX Runtime."""
    text = str(error)
    if isinstance(error, MemoryError) or _NO_MEMORY.search(text):
        return OutOfMemory("There is not enough memory to load the model.")
    if found := _IR_TOO_NEW.search(text):
        return RuntimeTooOld(
            f"The network is of IR version {found[1]}; ONNX Runtime {runtime} here reads those up to {found[2]}."
        )
    if found := _OPSET_TOO_NEW.search(text):
        return RuntimeTooOld(f"The network is of opset {found[1]}, which ONNX Runtime {runtime} does not know yet.")
    operator = _unsupported_operator(text, runtime)
    if operator is not None:
        return _unsupported_inputs(path) or UnsupportedOperator(operator)
    if "CUDA" in text or "provider" in text.lower():
        return DeviceUnavailable("The execution provider could not load the network.")
    return PackageDamaged("The ONNX file could not be loaded: it is damaged or not an ONNX model.")


def run_error(error: Exception) -> BackendError:
    """Why a network that was loaded could not be run."""
    text = str(error)
    if isinstance(error, MemoryError) or _NO_MEMORY.search(text):
        return OutOfMemory("There was not enough memory to run the model.")
    if type(error).__name__ == "InvalidArgument":
        return BadTensor("The runtime refused the input's shape.")
    return InferenceFailed("ONNX Runtime failed to run the network.")


def input_of_type(name: str, kind: str) -> UnsupportedInput:
    """An input that NumPy has no type for: neither this server nor the client can fill it."""
    return UnsupportedInput(f"The network's input {_plain(name)} is of type {kind}, which cannot be filled.")


def _unsupported_operator(text: str, runtime: str) -> str | None:
    if found := _NO_KERNEL.search(text):
        return (
            f"The network uses the unsupported operator {_plain(found[1])}({found[2]}): ONNX Runtime {runtime} runs no "
            "such version of it on these types."
        )
    if found := _NO_OPERATOR.search(text):
        return f"The network uses the unsupported operator {_plain(found[1])}, which opset {found[2]} does not have."
    if found := _NOT_REGISTERED.search(text):
        return f"The network uses the unsupported operator {_plain(found[1])}, which ONNX Runtime does not have."
    if found := _NO_DOMAIN.search(text):
        return f"The network uses unsupported operators of {_plain(found[1])}, which it does not import."
    if "NOT_IMPLEMENTED" in text:
        return f"The network uses something that ONNX Runtime {runtime} has not implemented."
    return None


def _unsupported_inputs(path: Path) -> UnsupportedInput | None:
    """The first input of bfloat16: runtimes find no operator for it, and say so of the first operator."""
    try:
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view,
            memoryview(view) as content,
        ):
            for value in _within(content, Field(0, 0, 0, len(content)), 7, 11):
                kinds = [bytes(content[item.first : item.first + 2]) for item in _within(content, value, 2, 1)]
                if bytes((0x08, _BFLOAT16)) in kinds:
                    names = [bytes(content[item.first : item.end]) for item in _within(content, value, 1)]
                    return input_of_type(names[0].decode(errors="replace") if names else "", "bfloat16")
    except (OSError, ValueError, PackageDamaged):
        return None
    return None


def _within(content: memoryview, message: Field, number: int, *deeper: int) -> Iterator[Field]:
    """The messages that lie in ``message`` under this path of field numbers of onnx.proto."""
    for field in fields(content, message.first, message.end):
        if field.number == number:
            if deeper:
                yield from _within(content, field, *deeper)
            else:
                yield field


def _plain(name: str) -> str:
    """A name out of the file, fit for a message."""
    return _NAME.sub("?", name)[:80]
