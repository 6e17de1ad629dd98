"""Telling those who are slow from those who stand still on purpose."""

from __future__ import annotations

import time


class Pace:
    """Holds a sender or reader to ``least_rate`` bytes a second, looked at every ``patience`` seconds.

    Only the time that is spent waiting for the other side counts: see `waiting`.
    """

    def __init__(self, least_rate: int, patience: float) -> None:
        self._patience = patience
        self._least = least_rate * patience
        self._left = patience
        self._moved = 0

    @property
    def left(self) -> float:
        """Seconds that the other side may still take before it has to have moved enough."""
        return self._left

    def moved(self, size: int, since: float) -> None:
        """``size`` bytes went since the moment ``since`` (of `now`)."""
        self._moved += size
        self._left -= now() - since
        if self._moved >= self._least:
            self._left, self._moved = self._patience, 0


now = time.monotonic
