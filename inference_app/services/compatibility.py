"""Which package each kind of machine gets, and why it passes over the others.

`compatibility_of` reads the database; `compare` is a function of what it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from inference_app.services.machines import KnownMachine, Origin, machines_of, this_server
from inference_app.services.selection import PackageSet, Rules, packages_by_rules
from inference_app.services.what_if import put
from negotiation import Explanation, NegotiationRequest, Verdict
from negotiation.errors import NoModelPackagesAvailableError
from negotiation.ranking import PART_WORDS
from negotiation.reasons import Reason
from packages_app.models import Package, PackageBenchmark
from registry.models import Model

MAX_REASONS_IN_WARNING = 2


class Outcome(StrEnum):
    """What one machine does with one package.

    UNREADABLE: it would be ranked, by rules that do not know that the machine cannot load it, and is given up then.
    """

    CHOSEN = "chosen"
    RANKED = "ranked"
    DISCARDED = "discarded"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"
    NOT_CONSIDERED = "not-considered"


@dataclass(frozen=True)
class Cell:
    """One machine and one package. ``place`` counts from 1; ``why`` and ``remedy`` are sentences or empty.

    ``figures`` are those of a benchmark on exactly such a machine.
    """

    outcome: Outcome
    place: int | None = None
    why: str = ""
    remedy: str = ""
    figures: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Row:
    """One machine: a cell for each package, and ``warning`` where it gets none."""

    known: KnownMachine
    rules: Rules
    cells: tuple[Cell, ...]
    warning: str = ""

    @property
    def chosen(self) -> int | None:
        """The position of the package that the machine gets."""
        return next((index for index, cell in enumerate(self.cells) if cell.outcome is Outcome.CHOSEN), None)


@dataclass(frozen=True)
class Compatibility:
    """``packages`` across, in the order of announcement; ``rows`` down."""

    packages: tuple[Package, ...]
    rows: tuple[Row, ...]

    @property
    def incompatible(self) -> tuple[Row, ...]:
        """The machines that get nothing."""
        return tuple(row for row in self.rows if row.warning)


Figures = Mapping[tuple[int, str], Mapping[str, Any]]
"""Benchmark figures by the package's primary key and the environment's fingerprint."""


def compatibility_of(model: Model, *, with_drafts: bool = False) -> Compatibility:
    """The compatibility of a model on this server, the catalogue and its workspace's own machines.

    A fixed number of queries, whatever the number of packages and machines.
    """
    packages = packages_by_rules(model, with_drafts=with_drafts)
    as_client, as_server = packages[Rules.CLIENT], packages[Rules.SERVER]
    benchmarks = PackageBenchmark.objects.filter(package__in=[package.pk for package in as_client.packages])
    figures = {(benchmark.package_id, benchmark.environment_fingerprint): benchmark.figures for benchmark in benchmarks}
    return compare(as_client, as_server, [this_server(), *machines_of(model.workspace_id)], figures)


def compare(
    as_client: PackageSet, as_server: PackageSet, machines: Sequence[KnownMachine], figures: Figures
) -> Compatibility:
    """The compatibility of ``machines``: this server by its own rules, every other by those of the client."""
    order_here = [package.pk for package in as_server.packages]
    positions = [order_here.index(package.pk) for package in as_client.packages]
    rows = []
    for known in machines:
        if known.origin is Origin.THIS_SERVER:
            row = _row(as_server, known, Rules.SERVER, figures)
            rows.append(replace(row, cells=tuple(row.cells[position] for position in positions)))
        else:
            rows.append(_row(as_client, known, Rules.CLIENT, figures))
    return Compatibility(as_client.packages, tuple(rows))


def _row(packages: PackageSet, known: KnownMachine, rules: Rules, figures: Figures) -> Row:
    """One machine's row, its cells in the order of ``packages``."""
    request = NegotiationRequest()
    blocked = packages.blocked(request, rules)
    explanation = put(packages.without(blocked), known, request, rules)
    unreadable = {} if rules is Rules.SERVER else _unreadable(explanation, known)
    # Loading tries one after the other until one can be loaded.
    tried = [] if explanation.error is not None else [attempt.candidate.position for attempt in explanation.attempts]
    gets = next((position for position in tried if position not in unreadable), None)
    verdicts = iter(explanation.verdicts)
    fingerprint = known.machine.environment.fingerprint()
    cells = []
    for index, package in enumerate(packages.packages):
        measured = figures.get((package.pk, fingerprint))
        if index in blocked:
            cells.append(Cell(Outcome.BLOCKED, why=_blocked_sentence(package), figures=measured))
        else:
            verdict = next(verdicts)
            cells.append(_cell(verdict, verdict.index == gets, unreadable.get(verdict.index), measured))
    return Row(known, rules, tuple(cells), "" if gets is not None else _warning(explanation, unreadable.values()))


def _unreadable(explanation: Explanation, known: KnownMachine) -> dict[int, Reason]:
    """Of the packages that survive, those whose file the machine's runtime cannot read, which the client finds out."""
    reasons = {
        verdict.index: verdict.package.manifest.unreadable(known.machine.environment)
        for verdict in explanation.verdicts
        if verdict.survived and verdict.package is not None
    }
    return {index: reason for index, reason in reasons.items() if reason is not None}


def _cell(verdict: Verdict, chosen: bool, unreadable: Reason | None, measured: Mapping[str, Any] | None) -> Cell:
    if verdict.reason is not None:
        why, remedy = split_reason(verdict.reason.sentence)
        return Cell(Outcome.DISCARDED, why=why, remedy=remedy, figures=measured)
    if verdict.place is None:
        return Cell(Outcome.NOT_CONSIDERED, figures=measured)
    if unreadable is not None:
        why, remedy = split_reason(unreadable.sentence)
        return Cell(Outcome.UNREADABLE, place=verdict.place, why=why, remedy=remedy, figures=measured)
    part = PART_WORDS.get(verdict.above_next or "", verdict.above_next)
    return Cell(
        Outcome.CHOSEN if chosen else Outcome.RANKED,
        place=verdict.place,
        why=f"Above the next by {part}." if part else "",
        figures=measured,
    )


def split_reason(sentence: str) -> tuple[str, str]:
    """What is in the way, and what to do about it: reasons are written in this order."""
    why, separator, remedy = sentence.partition(". ")
    return (f"{why}.", remedy) if separator else (sentence, "")


def _warning(explanation: Explanation, unreadable: Iterable[Reason]) -> str:
    if not explanation.packages:
        return "Nothing is published that it could get."
    sentences = dict.fromkeys(split_reason(reason.sentence)[0] for reason in unreadable)
    if sentences:
        return " ".join(sentences)
    error = explanation.error
    if error is not None and not (isinstance(error, NoModelPackagesAvailableError) and explanation.discards):
        return error.message
    reasons = Counter(split_reason(reason.sentence)[0] for reason in explanation.discards.values())
    shown = " ".join(sentence for sentence, _ in reasons.most_common(MAX_REASONS_IN_WARNING))
    return shown if len(reasons) <= MAX_REASONS_IN_WARNING else f"{shown} The cells say more."


def _blocked_sentence(package: Package) -> str:
    return f"This server blocked it: {package.failure.reason}"
