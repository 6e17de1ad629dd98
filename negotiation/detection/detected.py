"""What detection found: the environment, where each field of it comes from, and how every probe went."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from negotiation.detection.probe import ProbeReport
from negotiation.environment import Environment


@dataclass(frozen=True, slots=True)
class FieldReport:
    """One field of the environment. ``source`` names the probe's source that gave the value, None where no
    source did; ``problem`` holds what stood in the way, or what to know about the value."""

    field: str
    value: Any
    source: str | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class DetectedEnvironment:
    """``environment`` is complete even when probes failed: what they would have told is "not there"."""

    environment: Environment
    fields: tuple[FieldReport, ...]
    probes: tuple[ProbeReport, ...]
    milliseconds: float

    @property
    def problems(self) -> tuple[str, ...]:
        """What a person should read: one sentence for each thing that went wrong, its source first."""
        sentences: dict[str, str] = {}
        for probe in self.probes:
            if probe.problem:
                sentences[f"{probe.source}: {probe.problem}"] = probe.problem
        # Fields repeat the problems of their probes, and related fields share one.
        for field in self.fields:
            if field.problem and field.problem not in sentences.values():
                sentences[f"{field.field}: {field.problem}"] = field.problem
        return tuple(sentences)

    def to_json(self) -> dict[str, Any]:
        """``{"environment", "fingerprint", "fields", "probes", "problems", "milliseconds"}``."""
        return {
            "environment": self.environment.to_json(),
            "fingerprint": self.environment.fingerprint(),
            "fields": [dataclasses.asdict(report) for report in self.fields],
            "probes": [dataclasses.asdict(report) for report in self.probes],
            "problems": list(self.problems),
            "milliseconds": self.milliseconds,
        }
