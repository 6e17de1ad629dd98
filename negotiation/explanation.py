"""The answer to a negotiation, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from negotiation.errors import NegotiationError, NoModelPackagesAvailableError
from negotiation.package import Package
from negotiation.ranking import Placed, Ranked, deciding_part, named
from negotiation.reasons import Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one package.

    ``place`` counts from 1 for the best survivor; ``above_next`` is the part of the ranking key that put it
    above the next one. Exactly one of ``place`` and ``reason`` is set, or neither: the package was not
    considered, because another was requested by id or the negotiation failed before it was decided.
    """

    index: int
    package_id: str | None
    package: Package | None
    place: int | None
    reason: Reason | None
    above_next: str | None

    @property
    def survived(self) -> bool:
        """Whether the package can run."""
        return self.place is not None

    def to_json(self) -> dict[str, Any]:
        """The verdict as a JSON object."""
        return {
            "index": self.index,
            "package_id": self.package_id,
            "survived": self.survived,
            "place": self.place,
            "reason": None if self.reason is None else self.reason.to_json(),
            "above_next": self.above_next,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to one question.

    Positions are those of the packages as they were given. ``packages`` holds None where the wire entry was
    dropped, and ``dropped_ids`` what that entry called itself. ``placed`` holds the survivors, best first (see
    ``ranked``); ``discards`` the reason of each discarded position; ``attempts`` the survivors that loading
    would try.
    ``error`` is the typed error that ended the negotiation, if one did; what had been discarded by then is
    kept.
    """

    policy: str
    packages: Sequence[Package | None]
    dropped_ids: Mapping[int, str | None]
    placed: Sequence[Placed]
    discards: Mapping[int, Reason]
    attempts: Sequence[Placed]
    error: NegotiationError | None

    @property
    def package_ids(self) -> list[str | None]:
        """What each package calls itself; None for an entry that was dropped and has no id."""
        return [
            self.dropped_ids.get(index) if package is None else package.package_id
            for index, package in enumerate(self.packages)
        ]

    @property
    def ranked(self) -> list[Ranked]:
        """The survivors with their named keys, best first."""
        return [named(placed) for placed in self.placed]

    @property
    def chosen(self) -> Package | None:
        """The package to load; None if there is none."""
        return self.attempts[0].candidate.package if self.attempts and self.error is None else None

    @property
    def chosen_index(self) -> int | None:
        """The position of the package to load; None if there is none."""
        return self.attempts[0].candidate.position if self.attempts and self.error is None else None

    @property
    def survivor_indexes(self) -> list[int]:
        """Positions of the survivors, best first."""
        return [placed.candidate.position for placed in self.placed]

    @property
    def attempt_order(self) -> list[str]:
        """Ids of the packages that loading would try, in order."""
        return [attempt.candidate.package.package_id for attempt in self.attempts]

    @property
    def decided_by(self) -> list[str]:
        """For each pair of neighbours among the survivors, the part of the key that decided."""
        keys = [ranked.key for ranked in self.ranked]
        return [deciding_part(better, worse) for better, worse in pairwise(keys)]

    @property
    def verdicts(self) -> list[Verdict]:
        """What became of each package, in the order in which they were given."""
        places = {position: place for place, position in enumerate(self.survivor_indexes)}
        decided_by = self.decided_by
        verdicts = []
        for index, package_id in enumerate(self.package_ids):
            place = places.get(index)
            is_above_another = place is not None and place < len(decided_by)
            verdicts.append(
                Verdict(
                    index=index,
                    package_id=package_id,
                    package=self.packages[index],
                    place=None if place is None else place + 1,
                    reason=self.discards.get(index),
                    above_next=decided_by[place] if is_above_another and place is not None else None,
                )
            )
        return verdicts

    def or_raise(self) -> Explanation:
        """This explanation, or its error raised."""
        if self.error is not None:
            raise self.error
        return self

    def to_json(self) -> dict[str, Any]:
        """The explanation as a JSON object; its order of keys is meant for readers."""
        error = self.error
        return {
            "policy": self.policy,
            "chosen": None if self.chosen is None else self.chosen.package_id,
            "chosen_index": self.chosen_index,
            "attempt_order": self.attempt_order,
            "ranked": [
                {"index": ranked.position, "package_id": ranked.package.package_id, "key": ranked.key._asdict()}
                for ranked in self.ranked
            ],
            "decided_by": self.decided_by,
            "packages": [verdict.to_json() for verdict in self.verdicts],
            "error": None
            if error is None
            else {
                "code": error.code,
                "class": type(error).__name__,
                "kind": error.kind if isinstance(error, NoModelPackagesAvailableError) else None,
                "message": error.message,
            },
        }
