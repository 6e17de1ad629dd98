"""What came of a trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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
    that ran it. ``unconfined``: what the kernel did not let the child give up, such as "network".
    """

    outcome: str
    code: str = ""
    reason: str = ""
    again: bool = False
    seconds: float | None = None
    peak_memory_bytes: int | None = None
    runtime: str = ""
    unconfined: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values, without those that say nothing."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", False, [])}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Trial:
        """What `to_json` made. Raises TypeError and ValueError for anything else."""
        trial = cls(**document)
        if trial.outcome not in (PASSED, FAILED, NOT_TRIED) or not isinstance(trial.reason, str):
            raise ValueError("not the result of a trial")
        return trial


def plain(text: str) -> str:
    """Names out of hostile files may be part of a reason: printable characters only, and not too many."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"
