"""How many inference requests one process works on at once.

The limit lies below the number of the server's threads, so that some are always left to answer others: a
health check, a metadata request, or a refusal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings

from registry.errors import WeighbridgeError

P = ParamSpec("P")
R = TypeVar("R")


class ServerBusy(WeighbridgeError):
    code = "server-busy"
    status = 503
    title = "The server works on as many requests as it takes at once"
    advice = "Try again after the seconds in the header Retry-After. The operator sets the limit with MAX_IN_FLIGHT."


_guard = threading.Lock()
_in_flight = 0


@contextmanager
def admitted() -> Iterator[None]:
    """Counts one request while it is worked on. Raises ServerBusy at once where there are too many."""
    global _in_flight
    with _guard:
        if _in_flight >= settings.MAX_IN_FLIGHT:
            raise ServerBusy(retry_after=1)
        _in_flight += 1
    try:
        yield
    finally:
        with _guard:
            _in_flight -= 1


def admit(view: Callable[P, R]) -> Callable[P, R]:
    """`admitted` as a decorator of views."""

    @wraps(view)
    def counted(*args: P.args, **kwargs: P.kwargs) -> R:
        with admitted():
            return view(*args, **kwargs)

    return counted
