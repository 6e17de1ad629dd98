"""The errors of the pure packages, as errors of this server."""

from __future__ import annotations

from collections.abc import Iterator

from backends.errors import BackendError
from negotiation.errors import NegotiationError
from registry.errors import WeighbridgeError

PureError = BackendError | NegotiationError
BASES: tuple[type[PureError], ...] = (BackendError, NegotiationError)
RETRY_AFTER_SECONDS = 1
_classes: dict[str, type[WeighbridgeError]] = {}


def explain_all() -> None:
    """Give every code its help page; called when the app is ready."""
    for base in BASES:
        for kind in _family(base):
            _class_for(kind)


def as_weighbridge_error(error: PureError) -> WeighbridgeError:
    """The error of a pure package as one that the API answers with."""
    cls = _class_for(type(error))
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        seconds = max(RETRY_AFTER_SECONDS, round(retry_after))
    else:
        seconds = RETRY_AFTER_SECONDS if cls.status == 503 else None
    return cls(error.message, retry_after=seconds)


def _class_for(kind: type[PureError]) -> type[WeighbridgeError]:
    # A class that another process made up for a code unknown here says nothing of itself: its base does.
    explained = next(cls for cls in kind.__mro__ if "advice" in vars(cls))
    attributes = {name: getattr(explained, name) for name in ("code", "status", "title", "advice")}
    if attributes["code"] not in _classes:
        _classes[attributes["code"]] = type("RefusedByBackend", (WeighbridgeError,), attributes)
    return _classes[attributes["code"]]


def _family(base: type[PureError]) -> Iterator[type[PureError]]:
    yield base
    for child in base.__subclasses__():
        yield from _family(child)
