"""Which package is to blame when the host crashes, and what follows.

A package that was alone at work is blamed; blamed three times, it is blocked. When several were at work nobody can say
which it was, so none is blamed: all become suspects, and the next host runs each suspect alone until it has shown some
clean runs. If the guilty one is among them, its next crash finds it alone; the innocent clear themselves. A hang or a
runaway allocation is blamed on those that were over their limit, and a kill from outside on nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

# Forgotten after a day, so that a year of rare accidents condemns nobody.
CRASH_LIFETIME_SECONDS = 24 * 3600.0
REPORTS_KEPT = 20


@dataclass(frozen=True)
class CrashReport:
    """One crash of the host.

    ``packages`` were at work when it ended; ``blamed`` is the one that is held responsible, if any; ``blocked`` the
    package that reached the limit with it. ``reason`` is a sentence for people.
    """

    packages: tuple[str, ...]
    reason: str
    signal: int | None = None
    exit_status: int | None = None
    from_outside: bool = False
    pid: int = 0
    time: float = 0.0
    blamed: str | None = None
    blocked: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return {**self.__dict__, "packages": list(self.packages)}


@dataclass(frozen=True)
class CrashPolicy:
    """Times and reasons of crashes by package, suspects, and why packages are blocked. Pure; no clock."""

    limit: int = 3
    crashes: Mapping[str, tuple[tuple[float, str], ...]] = field(default_factory=dict)
    suspects: frozenset[str] = frozenset()
    blocked: Mapping[str, str] = field(default_factory=dict)

    def after(self, report: CrashReport) -> tuple[CrashPolicy, CrashReport]:
        """The state after a crash, and the report completed with what it led to."""
        packages = set(report.packages) - {""}
        if report.from_outside or not packages:
            return self, report
        if len(packages) > 1:
            return replace(self, suspects=frozenset(packages)), report
        (package,) = packages
        recent = tuple(
            crash for crash in self.crashes.get(package, ()) if report.time - crash[0] < CRASH_LIFETIME_SECONDS
        )
        recent += ((report.time, report.reason),)
        report = replace(report, blamed=package)
        state = replace(self, crashes={**self.crashes, package: recent})
        if len(recent) < self.limit:
            return state, report
        times = "once" if len(recent) == 1 else f"{len(recent)} times"
        reason = f"It ended the model host {times}. Last: {report.reason}"
        return state.block(package, reason), replace(report, blocked=package)

    def block(self, package: str, reason: str) -> CrashPolicy:
        """The state in which the package is not loaded any more."""
        return replace(self, blocked={**self.blocked, package: reason}, suspects=self.suspects - {package})

    def unblock(self, package: str) -> CrashPolicy:
        """The state in which the package starts afresh, its crashes forgotten."""
        return replace(
            self,
            crashes={name: times for name, times in self.crashes.items() if name != package},
            blocked={name: reason for name, reason in self.blocked.items() if name != package},
            suspects=self.suspects - {package},
        )

    def clear(self, package: str) -> CrashPolicy:
        """The state in which the package is no suspect; its crashes stay."""
        return replace(self, suspects=self.suspects - {package})


class CrashLog:
    """The state in a file beside the socket, shared by the host and everyone who may supervise it.

    A damaged file counts as an empty one: the crashes would come back by themselves.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit

    def read(self) -> CrashPolicy:
        """The state now."""
        return self._load()[0]

    def reports(self) -> list[dict[str, Any]]:
        """The last crashes of the host, oldest first."""
        return self._load()[1]

    def record(self, report: CrashReport) -> CrashReport:
        """Enter a crash; returns the report completed with what it led to."""
        report = report if report.time else replace(report, time=time.time())
        with self._exclusively():
            state, reports = self._load()
            state, report = state.after(report)
            self._save(state, [*reports, report.to_wire()][-REPORTS_KEPT:])
        return report

    def block(self, package: str, reason: str) -> None:
        """Block a package by decision, for example one that was blocked before a reinstallation."""
        self._change(lambda state: state.block(package, reason))

    def unblock(self, package: str) -> None:
        """Give a package another chance."""
        self._change(lambda state: state.unblock(package))

    def clear(self, package: str) -> None:
        """Lift the suspicion from a package that ran cleanly alone."""
        self._change(lambda state: state.clear(package))

    def _change(self, change: Callable[[CrashPolicy], CrashPolicy]) -> None:
        with self._exclusively():
            state, reports = self._load()
            self._save(change(state), reports)

    @contextlib.contextmanager
    def _exclusively(self) -> Iterator[None]:
        with open(self._path.with_suffix(".guard"), "a") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield

    def _load(self) -> tuple[CrashPolicy, list[dict[str, Any]]]:
        try:
            content = json.loads(self._path.read_bytes())
            crashes = {
                str(name): tuple((float(when), str(why)) for when, why in entries)
                for name, entries in content["crashes"].items()
            }
            blocked = {str(name): str(reason) for name, reason in content["blocked"].items()}
            suspects = frozenset(str(name) for name in content["suspects"])
            return CrashPolicy(self._limit, crashes, suspects, blocked), list(content["reports"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return CrashPolicy(self._limit), []

    def _save(self, state: CrashPolicy, reports: list[dict[str, Any]]) -> None:
        content = {
            "crashes": {name: list(entries) for name, entries in state.crashes.items()},
            "suspects": sorted(state.suspects),
            "blocked": dict(state.blocked),
            "reports": reports,
        }
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(content, allow_nan=False))
        os.replace(temporary, self._path)
