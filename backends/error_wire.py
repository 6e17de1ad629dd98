"""How errors cross from one process to another: as small JSON objects.

They hold ``code``, ``message``, ``retryable``, perhaps ``retry_after`` and ``cause``, and are raised on the other side
as the class that has this code, so that a bad image is the same ``BadImage`` whether it was decoded here or there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from backends.errors import BackendError, HostError, HostFault, OutOfMemory


def error_to_wire(error: BaseException) -> dict[str, Any]:
    """The JSON object for an error. Foreign exceptions say nothing of themselves: their text may hold paths."""
    if isinstance(error, MemoryError):
        error = OutOfMemory("There was not enough memory for this request.")
    elif not isinstance(error, BackendError):
        error = HostFault("The model host failed while it worked on this request.")
    wire: dict[str, Any] = {"code": error.code, "message": error.message, "retryable": error.retryable}
    for name in ("retry_after", "cause"):
        value = getattr(error, name, None)
        if value is not None:
            wire[name] = value
    return wire


def error_from_wire(wire: Mapping[str, Any]) -> BackendError:
    """The exception that ``error_to_wire`` described, as the class with this code, or a new class for it."""
    code = str(wire.get("code", HostError.code))
    found = next((cls for cls in _family(BackendError) if cls.code == code), None)
    if found is None:
        attributes = {"code": code, "retryable": bool(wire.get("retryable", False))}
        found = cast(type[BackendError], type("ReportedError", (BackendError,), attributes))
    # Not through __init__: a subclass may ask for arguments that only its raiser knows.
    error = found.__new__(found)
    BackendError.__init__(error, str(wire.get("message", "")))
    for name in ("retry_after", "cause"):
        if name in wire:
            setattr(error, name, wire[name])
    return error


def _family(base: type[BackendError]) -> Iterator[type[BackendError]]:
    if base.__name__ != "ReportedError":
        yield base
    for child in base.__subclasses__():
        yield from _family(child)
