"""Recorded answers of the real client, in everything that the record holds."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from negotiation import Environment, NegotiationRequest, Policy, negotiate
from negotiation.explanation import Explanation

DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "spec"
FILE = Path(os.environ.get("SPEC_DIR", DEFAULT_FOLDER)) / "negotiation" / "cases_public.json.gz"

if not FILE.exists():
    pytest.skip("The recorded cases are not here: set SPEC_DIR.", allow_module_level=True)

CASES: list[dict[str, Any]] = json.loads(gzip.decompress(FILE.read_bytes()))["cases"]
CRASHES = [case for case in CASES if case["expected"]["outcome"] == "crash"]
OTHERS = [case for case in CASES if case["expected"]["outcome"] != "crash"]


def answer(case: dict[str, Any]) -> Explanation:
    environment = Environment.from_json(case["environment"])
    request = NegotiationRequest.from_json(case["request"])
    return negotiate(case["model_metadata"], environment, request, Policy.for_client("inference_models_0_39_6"))


def named(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["case_id"] for case in cases])


@named(OTHERS)
def test_it_agrees_in_everything(case: dict[str, Any]) -> None:
    explanation, expected = answer(case), case["expected"]
    error = expected["error"] or {}
    assert (type(explanation.error).__name__ if explanation.error else None) == error.get("class")
    assert getattr(explanation.error, "kind", None) == error.get("kind")
    assert explanation.survivor_indexes == expected["survivor_indexes"]
    assert explanation.attempt_order == expected["attempt_order"]
    assert explanation.decided_by == expected["decided_by"]
    assert (explanation.chosen.package_id if explanation.chosen else None) == expected["chosen"]
    if expected["discarded_complete"]:
        discarded = [
            {
                "package_id": explanation.package_ids[index],
                "index": index,
                "stage": reason.stage,
                "category": reason.category,
                "cause": reason.cause,
            }
            for index, reason in sorted(explanation.discards.items())
        ]
        assert discarded == expected["discarded"]


@named(CRASHES)
def test_a_crash_of_the_client_is_an_error_of_ours(case: dict[str, Any]) -> None:
    assert answer(case).error is not None
