"""Key points, classes of pixels and distances over HTTP are those of the reference library, case by case.

Every recorded case is asked twice: by a form, whose answer has maps as images, and by a query, whose answer has floats.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends import golden
from tests.backends.test_golden_maps_and_points import CHECKS
from tests.backends.test_golden_maps_and_points import EVERY as OTHERS
from tests.conformance import golden_http
from tests.conformance.golden_http import GoldenModels, ask_in_form, ask_in_query, encoded, fields
from tests.conformance.house import House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

PLACES = 5
"""Key points of the class with the most of them, in these packages."""

RFDETR: dict[str, Any] = {
    "rfdetr-shapes-kp-onnx": golden.check_key_points,
    "rfdetr-shapes-semseg-onnx": golden.check_classes_of_pixels,
}
# The library takes RF-DETR's tensors for what they are not, and loads what it cannot run: neither arises here.
EVERY = OTHERS + [
    each
    for each in golden.every(RFDETR)
    if each.values[1] is None or not (each.values[1]["input"].startswith("torch") or "error" in each.values[1])
]


@pytest.fixture(scope="session")
def models(house: House, tmp_path_factory: pytest.TempPathFactory) -> GoldenModels:
    golden.require_golden()
    return GoldenModels(house, tmp_path_factory.mktemp("golden-maps"))


def read(package: str, answer: dict[str, Any]) -> Any:
    if "-kp-" in package:
        return golden_http.key_points(answer, PLACES)
    return golden_http.depth(answer) if "-depth-" in package else golden_http.classes_of_pixels(answer)


@pytest.mark.parametrize(("package", "case"), EVERY)
def test_it_agrees_with_the_reference(package: str, case: dict[str, Any] | None, models: GoldenModels) -> None:
    assert case is not None
    model, images, parameters = models.model_for(package, case), encoded(case), fields(case["params"])
    answers = [ask_in_form(models.house, model, images, parameters)]
    if len(images) == 1:
        answers.append(ask_in_query(models.house, model, images[0], {**parameters, "map_format": "floats"}))
    for answer in answers:
        if "error" in case:
            assert 400 <= answer.status_code < 500
            assert answer.json()["error"]["message"]
            continue
        assert answer.status_code == 200, f"{answer.text}\n{models.house.end_of_log()}"
        document = answer.json()
        results = document.get("results", [document])
        (CHECKS | RFDETR)[package]([read(package, result) for result in results], case)
