"""What came of a trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

PASSED = "passed"
FAILED = "failed"
NOT_TRIED = "not tried"

REASON_LENGTH = 450


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome, and why: ``code`` for programs, ``reason`` for people (cause and remedy; empty if it passed).

    ``again``: it was not tried because of this moment, and another attempt will do. ``seconds``: by the clock.
    ``peak_memory_bytes``: the most that the package added to the child. ``runtime``: name and version of the library
    that ran it. ``unconfined``: what the kernel did not let the child give up, such as "network". For who prepares
    by a trial: ``cause``, the reason without the remedy, and ``conditions`` and ``working_bytes`` of what it left
    (`preparation.py`).
    """

    outcome: str
    code: str = ""
    reason: str = ""
    again: bool = False
    seconds: float | None = None
    peak_memory_bytes: int | None = None
    runtime: str = ""
    unconfined: list[str] = field(default_factory=list)
    cause: str = ""
    conditions: dict[str, str] = field(default_factory=dict)
    working_bytes: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, without those that say nothing."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", False, [], {})}

    def summary(self) -> dict[str, Any]:
        """`to_json` without what only concerns who prepares."""
        return replace(self, cause="", conditions={}, working_bytes=None).to_json()

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Trial:
        """What `to_json` made. Raises TypeError and ValueError for anything else: a child may be in other hands."""
        trial = cls(**document)
        if trial.outcome not in (PASSED, FAILED, NOT_TRIED) or type(trial.again) is not bool:
            raise ValueError("no outcome of a trial")
        texts = (trial.code, trial.reason, trial.runtime, trial.cause)
        for text in (*texts, *trial.unconfined, *trial.conditions, *trial.conditions.values()):
            if not isinstance(text, str) or text != plain(text):
                raise ValueError("no plain text")
        for number in (trial.seconds, trial.peak_memory_bytes, trial.working_bytes):
            if number is not None and (type(number) not in (int, float) or not 0 <= number < 2**53):
                raise ValueError("no measurement")
        return trial


def plain(text: str) -> str:
    """Names out of hostile files may be part of a reason: printable characters only, and not too many."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"
