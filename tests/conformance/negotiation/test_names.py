"""The real client accepts exactly the handles and package ids that we let through."""

from __future__ import annotations

import itertools
import random

import pytest

from negotiation.handles import handle_problems
from negotiation.publishing import validate_for_publishing
from tests.conformance.line_process import LineProcess
from tests.negotiation.entries import entry
from tests.negotiation.test_handles import ACCEPTED, REJECTED

IDS = [
    "a",
    "3f0b1c",
    "A" * 255,
    "",
    "a-b",
    "a_b",
    "a/b",
    "a b",
    "nul",
    "COM1",
    "com0",
    "A" * 256,
    "\u0661",
    "a\n",
    "../a",
]
SEGMENTS = ["a", "A", "b", "con", "a.lock", ".a.lock", "dependencies", "a.", ".a", "a\u00e9", ""]

pytestmark = pytest.mark.conformance


def test_it_lets_through_the_handles_that_the_client_accepts(negotiator: LineProcess) -> None:
    for handle in [*ACCEPTED, *REJECTED]:
        assert negotiator.ask({"handles": [handle]})["accepted"] == (not handle_problems([handle])), handle


def test_it_lets_through_the_sets_of_handles_that_the_client_accepts(negotiator: LineProcess) -> None:
    draw = random.Random(20261128)
    names = ["/".join(parts) for length in (1, 2, 3) for parts in itertools.product(SEGMENTS, repeat=length)]
    sound = [name for name in names if not handle_problems([name])]
    answers = set()
    for _ in range(300):
        handles = draw.sample(sound, draw.choice((2, 2, 3)))
        accepted = negotiator.ask({"handles": handles})["accepted"]
        assert accepted == (not handle_problems(handles)), handles
        answers.add(accepted)
    assert answers == {True, False}


def test_it_lets_through_the_package_ids_that_the_client_accepts(negotiator: LineProcess) -> None:
    for package_id in IDS:
        ours = not validate_for_publishing(entry(package_id))
        assert negotiator.ask({"id": package_id})["accepted"] == ours, package_id
