"""Runs suspects alone, so that the next crash of the host has one culprit, and notes who is at work."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from backends.host.process.activity import ActivityLog

CLEAN_RUNS = 5


class IsolationGate:
    """Work passes through here. Suspects have the host to themselves; all others share it.

    A suspect that came through ``CLEAN_RUNS`` times is cleared. The set only shrinks while a host lives, so with
    no suspects (the ordinary case) nothing is locked.
    """

    def __init__(self, activity: Path, suspects: frozenset[str], on_cleared: Callable[[str], None]) -> None:
        """``activity``: the file of the `ActivityLog`."""
        self.activity = ActivityLog(activity)
        self._runs_left = dict.fromkeys(suspects, CLEAN_RUNS)
        self._on_cleared = on_cleared
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = False
        self._waiting_alone = 0

    @property
    def suspects(self) -> frozenset[str]:
        """Who is still under suspicion."""
        return frozenset(self._runs_left)

    @contextlib.contextmanager
    def working(self, phase: str, package: str, limit: float) -> Iterator[None]:
        """Do the work of the block for at most ``limit`` seconds: alone if need be, and noted as at work only then."""
        with self.passing(package), self.activity.working(phase, package, limit):
            yield

    @contextlib.contextmanager
    def passing(self, package: str) -> Iterator[None]:
        """Do the work of the block, alone if the package is a suspect."""
        if not self._runs_left:
            yield
            return
        alone = package in self._runs_left
        self._enter(alone)
        try:
            yield
            if alone:
                self._note_clean_run(package)
        finally:
            with self._changed:
                self._inside -= 1
                self._alone = False
                self._changed.notify_all()

    def _enter(self, alone: bool) -> None:
        with self._changed:
            if alone:
                self._waiting_alone += 1
                self._changed.wait_for(lambda: not self._inside)
                self._waiting_alone -= 1
            else:
                # Whoever waits to be alone goes first, or it would wait for ever under load.
                self._changed.wait_for(lambda: not self._alone and not self._waiting_alone)
            self._inside += 1
            self._alone = alone

    def _note_clean_run(self, package: str) -> None:
        left = self._runs_left.get(package, 0) - 1
        if left > 0:
            self._runs_left[package] = left
        elif self._runs_left.pop(package, None) is not None:
            self._on_cleared(package)
