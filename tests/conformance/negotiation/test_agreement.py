"""The real client and we are asked the same random questions, and give the same answers."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

import pytest

from negotiation import Environment, NegotiationRequest, negotiate
from negotiation.errors import (
    BatchSizeNotDeclaredError,
    InvalidNmsFusionPreferencesError,
    MalformedModelFeaturesError,
    NegotiationError,
)
from tests.conformance.line_process import LineProcess
from tests.conformance.negotiation.generator import Generator

QUESTIONS = int(os.environ.get("NEGOTIATION_QUESTIONS", "600"))
FIRST_SEED = int(os.environ.get("NEGOTIATION_SEED", "20261128"))
FOR_CRASHES = (BatchSizeNotDeclaredError, InvalidNmsFusionPreferencesError, MalformedModelFeaturesError)
"""What we raise where the client lets a raw TypeError or ValueError escape."""

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def answers(negotiator: LineProcess) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """All questions, with the client's answers and ours."""
    triples = []
    for number in range(QUESTIONS):
        question = Generator(FIRST_SEED + number).case()
        triples.append((question, negotiator.ask(question), our_answer(question)))
    return triples


def our_answer(question: dict[str, Any]) -> dict[str, Any]:
    """Our answer in the form of the client's."""
    try:
        explanation = negotiate(
            question["model_metadata"],
            Environment.from_json(question["environment"]),
            NegotiationRequest.from_json(question["request"]),
        )
    except NegotiationError as error:
        return {"error": error, "survivor_indexes": [], "attempts": [], "discarded": {}}
    return {
        "error": explanation.error,
        "survivor_indexes": explanation.survivor_indexes,
        "attempts": [attempt.candidate.position for attempt in explanation.attempts],
        "discarded": {str(position): reason.category for position, reason in explanation.discards.items()},
    }


def outcome(error: NegotiationError | None) -> str:
    if error is None:
        return "ok"
    return "crash" if isinstance(error, FOR_CRASHES) else "error"


def class_names(error: NegotiationError | None) -> set[str]:
    return set() if error is None else {cls.__name__ for cls in type(error).__mro__}


def described(number: int, question: dict[str, Any], theirs: Any, ours: Any) -> str:
    return f"seed {FIRST_SEED + number}\nclient: {theirs}\nours: {ours}\nquestion: {json.dumps(question)}"


def test_it_ends_as_the_client_does(answers: list[Any]) -> None:
    for number, (question, theirs, ours) in enumerate(answers):
        told = described(number, question, theirs, ours)
        assert outcome(ours["error"]) == theirs["outcome"], told
        if theirs["outcome"] == "error":
            assert theirs["error"] in class_names(ours["error"]), told


def test_it_gives_the_same_order(answers: list[Any]) -> None:
    for number, (question, theirs, ours) in enumerate(answers):
        assert ours["survivor_indexes"] == theirs["survivor_indexes"], described(number, question, theirs, ours)


def test_it_would_load_the_same_packages_in_the_same_order(answers: list[Any]) -> None:
    for number, (question, theirs, ours) in enumerate(answers):
        assert ours["attempts"] == theirs["attempts"], described(number, question, theirs, ours)


def test_it_discards_the_same_packages_for_the_same_reasons(answers: list[Any]) -> None:
    for number, (question, theirs, ours) in enumerate(answers):
        if theirs["outcome"] == "ok" or getattr(ours["error"], "kind", "") == "all_packages_filtered_out":
            assert ours["discarded"] == theirs["discarded"], described(number, question, theirs, ours)


def test_the_questions_are_not_trivial(answers: list[Any]) -> None:
    """A generator that only makes empty or hopeless questions would agree with anything."""
    outcomes = Counter(theirs["outcome"] for _, theirs, _ in answers)
    contested = sum(len(theirs["survivor_indexes"]) > 1 for _, theirs, _ in answers)
    categories = {category for _, theirs, _ in answers for category in theirs["discarded"].values()}
    assert outcomes["ok"] > QUESTIONS * 0.4
    assert outcomes["error"] > QUESTIONS * 0.1
    assert outcomes["crash"] > 0
    assert contested > QUESTIONS * 0.25
    assert len(categories) > 25
