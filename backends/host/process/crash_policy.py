"""Who is to blame when the host dies, and what follows.

The rule. A package that was alone at work when the host died gets a strike; with three strikes it is set
aside. When several were at work nobody can say which it was, so nobody gets a strike: all of them become
suspects, and the next host runs each suspect alone until it has shown some clean runs. If the guilty one is
among them, its next crash finds it alone; the innocent clear themselves. A hang or a runaway allocation is
blamed on those that were over their limit, and a kill from outside on nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

# A strike is forgotten after a day, so that a year of rare accidents condemns nobody.
STRIKE_LIFETIME = 24 * 3600.0
DEATHS_KEPT = 20


@dataclass(frozen=True)
class CrashReport:
    """One death of the host.

    ``packages`` were at work when it died; ``struck`` is the one that got a strike for it, if any;
    ``set_aside`` the package that reached the limit with it. ``reason`` is a sentence for people.
    """

    packages: tuple[str, ...]
    reason: str
    signal: int | None = None
    exit_status: int | None = None
    from_outside: bool = False
    pid: int = 0
    time: float = 0.0
    struck: str | None = None
    set_aside: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return {**self.__dict__, "packages": list(self.packages)}


@dataclass(frozen=True)
class CrashPolicy:
    """The state: times and reasons of strikes, suspects, and why packages are set aside. Pure; no clock."""

    limit: int = 3
    strikes: Mapping[str, tuple[tuple[float, str], ...]] = field(default_factory=dict)
    suspects: frozenset[str] = frozenset()
    aside: Mapping[str, str] = field(default_factory=dict)

    def after(self, report: CrashReport) -> tuple[CrashPolicy, CrashReport]:
        """The state after a death, and the report completed with what the death led to."""
        if report.from_outside:
            return self, report
        packages = set(report.packages) - {""}
        if len(packages) > 1:
            return replace(self, suspects=frozenset(packages)), report
        if not packages:
            return self, report
        (package,) = packages
        recent = tuple(entry for entry in self.strikes.get(package, ()) if report.time - entry[0] < STRIKE_LIFETIME)
        recent += ((report.time, report.reason),)
        report = replace(report, struck=package)
        state = replace(self, strikes={**self.strikes, package: recent})
        if len(recent) >= self.limit:
            times = "once" if len(recent) == 1 else f"{len(recent)} times"
            reason = f"It ended the model host {times}. Last: {report.reason}"
            return state.set_aside(package, reason), replace(report, set_aside=package)
        return state, report

    def set_aside(self, package: str, reason: str) -> CrashPolicy:
        """The state in which the package is not loaded any more."""
        return replace(self, aside={**self.aside, package: reason}, suspects=self.suspects - {package})

    def release(self, package: str) -> CrashPolicy:
        """The state in which the package starts afresh, without strikes."""
        return replace(
            self,
            strikes={name: times for name, times in self.strikes.items() if name != package},
            aside={name: reason for name, reason in self.aside.items() if name != package},
            suspects=self.suspects - {package},
        )


class CrashLog:
    """The state in a file beside the socket, shared by the host and everyone who may supervise it.

    A damaged file counts as an empty one: the strikes would come back by themselves.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit

    def read(self) -> CrashPolicy:
        """The state now."""
        return self._load()[0]

    def deaths(self) -> list[dict[str, Any]]:
        """The last deaths of the host, oldest first."""
        return self._load()[1]

    def record(self, report: CrashReport) -> CrashReport:
        """Enter a death; returns the report completed with what it led to."""
        if not report.time:
            report = replace(report, time=time.time())
        with self._exclusively():
            state, deaths = self._load()
            state, report = state.after(report)
            self._save(state, [*deaths, report.to_wire()][-DEATHS_KEPT:])
        return report

    def set_aside(self, package: str, reason: str) -> None:
        """Set a package aside by decision, for example one that was set aside before a reinstallation."""
        with self._exclusively():
            state, deaths = self._load()
            self._save(state.set_aside(package, reason), deaths)

    def release(self, package: str) -> None:
        """Give a package another chance."""
        with self._exclusively():
            state, deaths = self._load()
            self._save(state.release(package), deaths)

    def clear(self, package: str) -> None:
        """Lift the suspicion from a package that ran cleanly alone; its strikes stay."""
        with self._exclusively():
            state, deaths = self._load()
            self._save(replace(state, suspects=state.suspects - {package}), deaths)

    @contextlib.contextmanager
    def _exclusively(self) -> Iterator[None]:
        with open(self._path.with_suffix(".guard"), "a") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            yield

    def _load(self) -> tuple[CrashPolicy, list[dict[str, Any]]]:
        try:
            content = json.loads(self._path.read_bytes())
            strikes = {
                str(name): tuple((float(when), str(why)) for when, why in entries)
                for name, entries in content["strikes"].items()
            }
            aside = {str(name): str(reason) for name, reason in content["aside"].items()}
            suspects = frozenset(str(name) for name in content["suspects"])
            return CrashPolicy(self._limit, strikes, suspects, aside), list(content["deaths"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return CrashPolicy(self._limit), []

    def _save(self, state: CrashPolicy, deaths: list[dict[str, Any]]) -> None:
        content = {
            "strikes": {name: list(entries) for name, entries in state.strikes.items()},
            "suspects": sorted(state.suspects),
            "aside": dict(state.aside),
            "deaths": deaths,
        }
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(content, allow_nan=False))
        os.replace(temporary, self._path)
