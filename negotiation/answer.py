"""Answer a file of negotiation cases: ``python -m negotiation.answer CASES PREDICTIONS``.

Both files may be gzipped (by a name that ends in ``.gz``). For each case the predictions hold the outcome
(``ok`` or ``error``), the name of the error's class, the positions of the survivors from best to worst, and
the category of each discarded position.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from negotiation.engine import negotiate
from negotiation.environment import Environment
from negotiation.errors import NegotiationError
from negotiation.policy import Policy
from negotiation.request import NegotiationRequest


def answer(case: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """What we would do in one case, as a prediction."""
    try:
        explanation = negotiate(
            case["model_metadata"],
            Environment.from_json(case["environment"]),
            NegotiationRequest.from_json(case["request"]),
            policy,
        )
    except NegotiationError as error:
        return {
            "outcome": "error",
            "error": _client_class_name(error),
            "survivor_indexes": [],
            "discarded": {},
        }
    error_found = explanation.error
    return {
        "outcome": "ok" if error_found is None else "error",
        "error": None if error_found is None else _client_class_name(error_found),
        "survivor_indexes": explanation.survivor_indexes,
        "discarded": {str(index): reason.category for index, reason in sorted(explanation.discards.items())},
    }


def _client_class_name(error: NegotiationError) -> str:
    """The name of the class by which the client knows the error: ours, or the base that it shares."""
    return next(cls.__name__ for cls in type(error).__mro__ if cls.__name__ not in OURS_ALONE)


OURS_ALONE = frozenset({"InvalidMetadataError"})
"""Classes that refine one of the client's."""


def main(cases_path: str, predictions_path: str) -> None:
    """Read cases, write predictions."""
    policy = Policy.for_client()
    cases = json.loads(_read(Path(cases_path)))["cases"]
    predictions = {case["case_id"]: answer(case, policy) for case in cases}
    _write(Path(predictions_path), json.dumps(predictions, indent=1, allow_nan=False))


def _read(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def _write(path: Path, text: str) -> None:
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m negotiation.answer CASES PREDICTIONS")
    main(sys.argv[1], sys.argv[2])
