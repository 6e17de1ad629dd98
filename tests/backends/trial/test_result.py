from __future__ import annotations

from typing import Any

import pytest

from backends.trial.result import PASSED, REASON_LENGTH, Trial, plain


def test_a_result_comes_back_as_it_was() -> None:
    trial = Trial(PASSED, reason="ran", seconds=0.25, peak_memory_bytes=7, runtime="X 1", unconfined=["files"])
    assert Trial.from_json(trial.to_json()) == trial


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"outcome": "splendid"},
        {"outcome": PASSED, "surprise": 1},
        {"outcome": PASSED, "reason": 5},
        {"outcome": PASSED, "reason": "a\0b"},
        {"outcome": PASSED, "runtime": "x" * 1000},
        {"outcome": PASSED, "seconds": "soon"},
        {"outcome": PASSED, "seconds": float("nan")},
        {"outcome": PASSED, "peak_memory_bytes": -1},
        {"outcome": PASSED, "unconfined": [{}]},
        {"outcome": PASSED, "again": "no"},
    ],
)
def test_what_is_no_result_is_refused(document: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        Trial.from_json(document)


def test_names_out_of_files_become_plain_text_of_a_bounded_length() -> None:
    assert plain("a\0b\nc") == "a b c"
    assert len(plain("x" * 10_000)) == REASON_LENGTH
