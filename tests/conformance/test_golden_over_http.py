"""Packages pushed to a live server answer over HTTP as the reference library does, case by case.

Every recorded case is asked twice: with its parameters in the query and with them as fields of a form. Cases whose
input was an array or a tensor are asked with the picture that the array holds, as PNG where no file has it.
TorchScript packages run on a second server, whose model host has PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.backends import golden
from tests.conformance.clients import client_python
from tests.conformance.golden_http import GoldenModels, ask_in_form, ask_in_query, detections, encoded, fields
from tests.conformance.house import House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

DETECTION = "yolov8n-shapes-od-onnx-static"
SEGMENTATION = "yolov8n-shapes-seg-onnx-static"
WITHOUT_SUPPRESSION = "yolov10n-shapes-od-onnx"
TORCHSCRIPT = "yolov8n-shapes-od-torchscript"
# What the file of the TorchScript package does not say.
MANIFESTS = {
    TORCHSCRIPT: {"static_batch_size": 1, "torch_version": "2.1.0", "supported_device_types": ["cpu"]},
}
PACKAGE_AS_IT_IS = {"variant": "package"}


@pytest.fixture(scope="session")
def models(house: House, tmp_path_factory: pytest.TempPathFactory) -> GoldenModels:
    golden.require_golden()
    return GoldenModels(house, tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="session")
def torch_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoldenModels]:
    golden.require_golden()
    python = client_python("client")
    if not python.exists():
        pytest.fail("There is no environment with PyTorch. Run `make conformance` to install it.")
    house = House(tmp_path_factory.mktemp("torch-house"), environment={"MODEL_HOST_PYTHON": str(python)})
    house.start()
    yield GoldenModels(house, tmp_path_factory.mktemp("golden-torch"), MANIFESTS)
    house.stop()


def check(models: GoldenModels, package: str, case: dict[str, Any] | None) -> None:
    """The answers to the case by query and by form, held to what was recorded."""
    assert case is not None
    model = models.model_for(package, case)
    pictures = encoded(case)
    parameters = fields(case["params"])
    with_masks = any("masks" in result for result in case.get("results", ()))
    if with_masks:
        parameters["mask_format"] = "rle"
    answers = [ask_in_form(models.house, model, pictures, parameters)]
    if len(pictures) == 1:
        answers.append(ask_in_query(models.house, model, pictures[0], parameters))
    for answer in answers:
        if "error" in case:
            assert 400 <= answer.status_code < 500
            assert answer.json()["error"]["message"]
            continue
        assert answer.status_code == 200, f"{answer.text}\n{models.house.end_of_log()}"
        document = answer.json()
        results = document.get("results", [document])
        golden.check([detections(result, with_masks=with_masks) for result in results], case)


@pytest.mark.parametrize("case", golden.cases(DETECTION))
def test_yolov8_detection_agrees_with_the_reference(case: dict[str, Any] | None, models: GoldenModels) -> None:
    check(models, DETECTION, case)


@pytest.mark.parametrize("case", golden.cases(SEGMENTATION))
def test_yolov8_segmentation_agrees_with_the_reference(case: dict[str, Any] | None, models: GoldenModels) -> None:
    check(models, SEGMENTATION, case)


@pytest.mark.parametrize("case", golden.cases(WITHOUT_SUPPRESSION))
def test_yolov10_detection_agrees_with_the_reference(case: dict[str, Any] | None, models: GoldenModels) -> None:
    check(models, WITHOUT_SUPPRESSION, case)


@pytest.mark.parametrize("case", golden.cases(TORCHSCRIPT))
def test_torchscript_agrees_with_the_reference(case: dict[str, Any] | None, torch_models: GoldenModels) -> None:
    check(torch_models, TORCHSCRIPT, case)


def recorded(package: str, case_id: str, picture: str) -> dict[str, Any]:
    """The recorded case of the unchanged package."""
    cases = [parameter.values[0] for parameter in golden.cases(package)]
    return next(
        case for case in cases if (case["id"], case["variant"], case["images"]) == (case_id, "package", [picture])
    )


@pytest.mark.parametrize("package", [DETECTION, SEGMENTATION])
def test_several_pictures_in_one_form_are_answered_in_their_order(package: str, models: GoldenModels) -> None:
    pictures = ["shapes_big_3000x2000.jpg", "tiny_8x8.png", "shapes_wide_640x426.png", "shapes_square_320x320.png"]
    cases = [recorded(package, "conf0.7-iou0.3", picture) for picture in pictures]
    parameters = {**fields(cases[0]["params"]), **({"mask_format": "rle"} if package == SEGMENTATION else {})}
    model = models.model_for(package, PACKAGE_AS_IT_IS)

    answer = ask_in_form(models.house, model, [encoded(case)[0] for case in cases], parameters)

    assert answer.status_code == 200, answer.text
    for result, case in zip(answer.json()["results"], cases, strict=True):
        golden.check([detections(result, with_masks=package == SEGMENTATION)], case)


def test_the_fields_of_a_form_go_before_those_of_the_query(models: GoldenModels) -> None:
    case = recorded(DETECTION, "max-det-2", "shapes_wide_640x426.png")
    model = models.model_for(DETECTION, case)

    answer = ask_in_form(models.house, model, encoded(case), {"max_detections": "2"}, query={"max_detections": "1"})

    golden.check([detections(answer.json())], case)
