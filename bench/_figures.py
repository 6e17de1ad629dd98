"""What benches make of their measurements: percentiles, medians of rounds, ratios, and what was wanted of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """Of one measurement: requests a second, median and 95th percentile in ms, CPU ms a request."""

    throughput: float
    median_ms: float
    p95_ms: float
    cpu_ms: float


def figures_of(times: Iterable[float], *, elapsed: float, cpu_seconds: float) -> Figures:
    """``times`` are those of the requests in seconds, in any order. Raises ValueError if there are none."""
    every = sorted(times)
    if not every:
        raise ValueError("No request was answered in the time of the measurement.")
    return Figures(
        len(every) / elapsed,
        statistics.median(every) * 1000,
        percentile(every, 95) * 1000,
        cpu_seconds / len(every) * 1000,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of all do not exceed, one of ``values`` itself."""
    return sorted(values)[percent * (len(values) - 1) // 100]


def middle(rounds: Sequence[Figures]) -> Figures:
    """Medians of each figure."""
    columns = zip(*((f.throughput, f.median_ms, f.p95_ms, f.cpu_ms) for f in rounds), strict=True)
    return Figures(*(statistics.median(column) for column in columns))


def verdict(value: float, *, least: float | None = None, most: float | None = None) -> str:
    """What was wanted of a ratio, and whether it is so; nothing where nothing was wanted."""
    if least is None and most is None:
        return "no target"
    good = (least is None or value >= least) and (most is None or value <= most)
    wanted = f"at least {least:g}" if least is not None else f"at most {most:g}"
    return f"{wanted} wanted: {'met' if good else 'missed'}"


def clients_name(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"


@dataclass(frozen=True)
class Ratio:
    """One line of a report: ``value`` to ``reference``, and the least or the most that is wanted of it."""

    name: str
    value: float
    reference: float
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        ratio = self.value / self.reference
        return f"{ratio:7.3f}  {self.name} ({verdict(ratio, least=self.least, most=self.most)})"
