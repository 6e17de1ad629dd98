"""A probe looks at one source and gives one finding; nothing that happens to it reaches another probe."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from negotiation.detection.machine import Machine, MachineError, no_answer_within


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found: JSON data, None for "not there". A problem may go with either. ``source`` is set
    where the value comes from somewhere else than the probe's usual source."""

    value: Any = None
    problem: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """``look`` may raise, hang or find nonsense; it raises ``MachineError`` with a message to be shown."""

    name: str
    source: str
    look: Callable[[Machine], Finding]


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """How one probe went. ``milliseconds`` is wall time; probes run at the same time."""

    name: str
    source: str
    value: Any
    problem: str | None
    milliseconds: float


def run_probes(probes: Sequence[Probe], machine: Machine, limit_seconds: float) -> tuple[ProbeReport, ...]:
    """Run all probes at once and report on each, in the order given, after ``limit_seconds`` at the latest.

    A probe that hangs is left behind in a daemon thread, which does not keep the process alive.
    """
    answers: queue.SimpleQueue[tuple[int, ProbeReport]] = queue.SimpleQueue()
    started = time.monotonic()
    for index, probe in enumerate(probes):
        threading.Thread(
            target=lambda index=index, probe=probe: answers.put((index, _report(probe, machine))),
            name=f"probe {probe.name}",
            daemon=True,
        ).start()
    reports: dict[int, ProbeReport] = {}
    while len(reports) < len(probes):
        left = started + limit_seconds - time.monotonic()
        try:
            index, report = answers.get(timeout=max(left, 0.001))
        except queue.Empty:
            break
        reports[index] = report
    hung = no_answer_within(limit_seconds)
    return tuple(
        reports.get(index) or ProbeReport(probe.name, probe.source, None, hung, limit_seconds * 1000.0)
        for index, probe in enumerate(probes)
    )


def _report(probe: Probe, machine: Machine) -> ProbeReport:
    started = time.monotonic()
    try:
        finding = probe.look(machine)
    except MachineError as error:
        finding = Finding(problem=str(error))
    except BaseException as error:
        # The text of an unforeseen exception may hold paths or data; its class is enough to report a bug.
        finding = Finding(problem=f"failed with {type(error).__name__}")
    milliseconds = round((time.monotonic() - started) * 1000.0, 1)
    return ProbeReport(probe.name, finding.source or probe.source, finding.value, finding.problem, milliseconds)
