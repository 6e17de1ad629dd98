"""What can go wrong between a caller and the model host, and how it crosses the socket.

Every error becomes a small JSON object (``code``, ``message``, ``retryable``, perhaps ``retry_after`` and
``cause``) and is raised on the other side as the class that has this code, so that a bad image is the same
``BadImage`` whether it was decoded here or there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from backends.errors import BackendError, OutOfMemory


class HostError(BackendError):
    """Base of the errors of the model host itself."""

    code = "host-error"
    status = 503
    title = "The model host failed"
    advice = "Try again in a moment."


class HostDied(HostError):
    """The host ended while it worked on this request; it is restarted, and the request may be repeated."""

    code = "host-died"
    status = 503
    title = "The model host ended during the request"
    advice = "It is being restarted: try again. If one package keeps ending it, the package is blocked."
    retryable = True


class HostUnavailable(HostError):
    """No host answers: it is starting, stopping, or cannot be started at all."""

    code = "host-unavailable"
    status = 503
    title = "The model host does not answer"
    advice = "It is starting or restarting: try again in a moment."
    retryable = True


class HostBusy(HostError):
    """The queue is full. ``retry_after`` says in how many seconds there should be room again."""

    code = "host-busy"
    status = 503
    title = "The queue of the model is full"
    advice = "Try again after the seconds in the header Retry-After."
    retryable = True

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineExceeded(HostError):
    """No result before the request's deadline."""

    code = "deadline-exceeded"
    status = 504
    title = "The model did not answer in time"
    advice = "Try again when the server is less busy, or send smaller images. The operator can raise the deadline."
    retryable = True


class PackageFailedToLoad(HostError):
    """The runtime refused the package. ``cause`` is the code of the error beneath, if it had one."""

    code = "package-failed-to-load"
    status = 503
    title = "The package could not be loaded"
    advice = "The message says why. A curator publishes another package of the model."

    def __init__(self, message: str, cause: str | None = None) -> None:
        super().__init__(message)
        self.cause = cause


class PackageBlocked(HostError):
    """The package ended the host too often, or whoever prepared it: it is not loaded until somebody unblocks it."""

    code = "package-set-aside"
    status = 503
    title = "The package is blocked"
    advice = (
        "It ended the model host too often, or the process that prepared it, or its load did not end. A curator can "
        "unblock it in the admin, after a look at the reason."
    )
    START = "The package is blocked. "
    LOAD_DID_NOT_END = "Its load did not end"
    NOT_PREPARED = "It could not be prepared"

    @property
    def reason(self) -> str:
        """Why, as a sentence."""
        return self.message.removeprefix(self.START)


class MemoryBudgetExceeded(HostError):
    """The package does not fit into the memory budget, or everything else in it is pinned."""

    code = "memory-budget-exceeded"
    status = 507
    title = "The model does not fit into the memory that the model host may use"
    advice = "The operator raises MODEL_HOST_MEMORY_BYTES or unloads pinned models."


class RequestTooLarge(HostError):
    """The request, or its answer, is larger than the host takes."""

    code = "host-request-too-large"
    status = 413
    title = "The request is larger than the model host takes"
    advice = "Send fewer or smaller images in one request."


class ProtocolError(HostError):
    """The bytes on the socket are not a message of this protocol."""

    code = "host-protocol-error"
    status = 500
    title = "The model host could not be understood"
    advice = "Tell the operator the request id."


class HostFault(HostError):
    """A fault in the host's own code; the details are in its log."""

    code = "host-fault"
    status = 500
    title = "The model host has a defect"
    advice = "Tell the operator the request id."


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
