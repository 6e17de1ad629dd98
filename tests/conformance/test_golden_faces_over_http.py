"""MediaPipe's face detector behind the native API, held to what MediaPipe answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.backends import golden
from tests.conformance.golden_http import GoldenModels, ask_in_query, encoded
from tests.conformance.house import House

pytest.importorskip("ai_edge_litert")

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

FACES = "mediapipe-face-detector"
# Of files as they are; a file says itself what its colours are.
CASES = [
    case
    for case in golden.cases(FACES)
    if case.values[0] and case.values[0]["id"] in {"default", "conf0.6", "conf0.95"}
]


@pytest.fixture(scope="module")
def models(house: House, tmp_path_factory: pytest.TempPathFactory) -> GoldenModels:
    return GoldenModels(house, tmp_path_factory.mktemp("faces"))


@pytest.mark.parametrize("case", CASES)
def test_faces_agree_with_the_reference(case: dict[str, Any], models: GoldenModels) -> None:
    (points,), (expected,) = case["results"]["tuple"]
    wanted = {"confidence": json.dumps(case["params"]["conf_thresh"])} if case["params"] else {}
    answer = ask_in_query(models.house, models.model_for(FACES, case), encoded(case)[0], wanted)
    assert answer.status_code == 200, answer.text
    found = answer.json()["predictions"]
    assert [[each[name] for name in ("x_min", "y_min", "x_max", "y_max")] for each in found] == expected["xyxy"]
    assert [each["confidence"] for each in found] == pytest.approx(expected["confidence"], abs=1e-3)
    assert [[[point["x"], point["y"]] for point in each["keypoints"]] for each in found] == points["xy"]
