from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from negotiation import answer
from tests.negotiation.entries import CPU, document, entry, hugging_face, onnx, trt


def case(*entries: Any, case_id: str = "one", **request: Any) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "environment": CPU.to_json(),
        "request": {"device": "cpu", **request},
        "model_metadata": document(*entries),
    }


def answered(tmp_path: Path, *cases: dict[str, Any], suffix: str = ".json") -> dict[str, Any]:
    content = json.dumps({"cases": list(cases)}).encode()
    asked, told = tmp_path / f"cases{suffix}", tmp_path / f"predictions{suffix}"
    asked.write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)
    answer.main(str(asked), str(told))
    raw = told.read_bytes()
    return json.loads(gzip.decompress(raw) if suffix.endswith(".gz") else raw)


@pytest.mark.parametrize("suffix", [".json", ".json.gz"])
def test_it_answers_a_file(tmp_path: Path, suffix: str) -> None:
    cases = [case(entry("a", trt()), entry("b", onnx())), case(case_id="two")]
    assert answered(tmp_path, *cases, suffix=suffix) == {
        "one": {
            "outcome": "ok",
            "error": None,
            "survivor_indexes": [1],
            "discarded": {"0": "trt_not_installed"},
        },
        "two": {"outcome": "error", "error": "ModelRetrievalError", "survivor_indexes": [], "discarded": {}},
    }


def test_errors_bear_the_clients_names(tmp_path: Path) -> None:
    broken = {**case(), "model_metadata": {}}
    assert answered(tmp_path, broken)["one"]["error"] == "ModelRetrievalError"
    assert answered(tmp_path, case(entry(), backend="hf"))["one"]["error"] == "UnknownBackendTypeError"


def test_the_clients_crashes_are_errors_of_ours(tmp_path: Path) -> None:
    crash = case(entry("a", hugging_face()), batch_size=1)
    crash["model_metadata"] |= {"modelArchitecture": "vit", "taskType": "classification"}
    told = answered(tmp_path, crash)["one"]
    assert (told["outcome"], told["error"]) == ("error", "BatchSizeNotDeclaredError")


def test_one_case_that_cannot_be_read_costs_that_case_alone(tmp_path: Path) -> None:
    unreadable = {**case(entry()), "environment": {"trt_version": "ten"}}
    told = answered(tmp_path, unreadable, case(entry(), case_id="two"))
    assert told["one"]["error"] == "InvalidEnvironmentError"
    assert told["two"]["outcome"] == "ok"
