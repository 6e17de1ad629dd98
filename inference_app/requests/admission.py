"""How many inference requests one process works on at once, and how many bytes they take together.

The limit of requests lies below the number of the server's threads, so that some are always left to answer others: a
health check, a metadata request, or a refusal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings

from inference_app.errors import ServerBusy

P = ParamSpec("P")
R = TypeVar("R")

# What a number takes that is an object of Python's, as those of lists within lists are.
NUMBER_BYTES = 100

_guard = threading.Lock()
_in_flight = 0
_bytes_in_work = 0
_here = threading.local()


@contextmanager
def admitted() -> Iterator[None]:
    """Counts one request while it is worked on. Raises ServerBusy at once where there are too many."""
    global _in_flight, _bytes_in_work
    with _guard:
        if _in_flight >= settings.MAX_IN_FLIGHT:
            raise ServerBusy(retry_after=1)
        _in_flight += 1
    before, _here.weight = getattr(_here, "weight", None), 0
    try:
        yield
    finally:
        with _guard:
            _in_flight -= 1
            _bytes_in_work -= _here.weight
        _here.weight = before


def weigh(size: int) -> None:
    """Counts ``size`` bytes more for the request that this thread works on, until it ends.

    A request that is alone gets what it asks for: its own limits bound it. Outside of
    `admitted` nothing is counted. Raises ServerBusy where all requests together would take more than they may.
    """
    global _bytes_in_work
    weight = getattr(_here, "weight", None)
    if weight is None:
        return
    with _guard:
        if _bytes_in_work > weight and _bytes_in_work + size > settings.MAX_BYTES_IN_WORK:
            raise ServerBusy("The requests in work take as much memory as they may together.", retry_after=1)
        _bytes_in_work += size
    _here.weight = weight + size


def admit(view: Callable[P, R]) -> Callable[P, R]:
    """`admitted` as a decorator of views."""

    @wraps(view)
    def counted(*args: P.args, **kwargs: P.kwargs) -> R:
        with admitted():
            return view(*args, **kwargs)

    return counted
