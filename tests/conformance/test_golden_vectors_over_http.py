"""Embeddings and gazes of the golden packages by the native API, held to what the reference library answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.backends import golden
from tests.conformance.golden_http import HTTP, GoldenModels, ask_in_form, encoded, fields
from tests.conformance.house import House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

CLIP, L2CS = "clip-tiny-onnx", "l2cs-tiny-random-onnx"
# A file says itself what its colours are, and cannot have rows left out.
OF_ARRAYS = {"image-noncontig", "rgb"}


@pytest.fixture(scope="module")
def models(house: House, tmp_path_factory: pytest.TempPathFactory) -> GoldenModels:
    golden.require_golden()
    return GoldenModels(house, tmp_path_factory.mktemp("vectors"))


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    document = answer.json()
    return list(document.get("results", [document]))


def cases(package: str) -> list[Any]:
    return [case for case in golden.cases(package) if case.values[0] is None or case.values[0]["id"] not in OF_ARRAYS]


@pytest.mark.parametrize("case", cases(CLIP))
def test_clip_agrees_with_the_reference(case: dict[str, Any] | None, models: GoldenModels) -> None:
    assert case is not None
    model = models.model_for(CLIP, case)
    if case["id"].startswith("text"):
        answer = HTTP.post(f"{models.house.address}/api/v1/models/{model}/infer", json={"texts": case["images"]})
    else:
        answer = ask_in_form(models.house, model, encoded(case), {})
    if "error" in case:
        assert answer.json()["error"]["code"] == "bad-text"
        return
    golden.check_vectors(np.array([result["embeddings"][0] for result in results(answer)]), case)


@pytest.mark.parametrize("case", cases(L2CS))
def test_l2cs_agrees_with_the_reference(case: dict[str, Any] | None, models: GoldenModels) -> None:
    assert case is not None
    answer = ask_in_form(models.house, models.model_for(L2CS, case), encoded(case), fields(case["params"]))
    found = [result["predictions"][0] for result in results(answer)]
    (expected,) = case["results"]
    np.testing.assert_allclose([each["yaw"] for each in found], expected["yaw"], atol=1e-3)
    np.testing.assert_allclose([each["pitch"] for each in found], expected["pitch"], atol=1e-3)
