"""Whether the machine did something else while a bench ran, which no ratio makes up for entirely."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

MUCH = 0.05
# Processor seconds of servers that no process of the bench was told at their end: those of a model host, for one, whose
# parent ends first.
uncounted: list[float] = []


@contextmanager
def watched() -> Iterator[None]:
    """Print at the end what share of all processors others took. All servers have ended by then, and are counted."""
    started, busy, own = time.monotonic(), _busy_seconds(), _own_seconds()
    yield
    elapsed = (time.monotonic() - started) * (psutil.cpu_count() or 1)
    print(sentence((_busy_seconds() - busy - (_own_seconds() - own)) / elapsed))


def sentence(share: float) -> str:
    """Of the share of the processors that others took."""
    warning = " Measure again when the machine does nothing else." if share > MUCH else ""
    return f"Other processes took {max(share, 0.0):.0%} of the processors meanwhile.{warning}"


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    idle: float = times.idle + getattr(times, "iowait", 0.0)
    # Those of guests are contained in those of the user.
    total: float = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - idle


def _own_seconds() -> float:
    own = os.times()
    return own.user + own.system + ended_children_seconds() + sum(uncounted)


def ended_children_seconds() -> float:
    """Of all children that have ended, with those of theirs that ended before them."""
    own = os.times()
    return own.children_user + own.children_system
