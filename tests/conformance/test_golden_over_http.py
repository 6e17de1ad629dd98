"""Packages pushed to a live server answer over HTTP as the reference library does, case by case.

Every recorded case is asked twice: with its parameters in the query and with them as fields of a form. Cases whose
input was an array or a tensor are asked with the image that the array holds, as PNG where no file has it.
TorchScript packages run on a second server, whose model host has PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.backends import golden
from tests.conformance.clients import client_python
from tests.conformance.golden_http import GoldenModels, ask_in_form, ask_in_query, detections, encoded, fields
from tests.conformance.house import House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

# Asked like the two after them, each case by query and by form.
FAMILIES = (
    "yolo26-shapes-od-onnx",
    "yolo26-shapes-seg-onnx",
    "yolov5-shapes-od-onnx",
    "yolov5-shapes-seg-onnx",
    "yolonas-shapes-od-onnx",
    "yolact-shapes-seg-onnx",
)
CLASSIFIERS = ("yolov8-shapes-cls-onnx", "yolov11-shapes-cls-onnx")
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
    with_masks = any("masks" in result for result in case.get("results", ()))
    more = {"mask_format": "rle"} if with_masks else {}
    for answer in both_ways(models, package, case, more):
        if "error" in case:
            assert 400 <= answer.status_code < 500
            assert answer.json()["error"]["message"]
            continue
        found = [detections(result, with_masks=with_masks) for result in results(answer, models)]
        golden.check(found, golden.named(package, case))


def both_ways(
    models: GoldenModels, package: str, case: dict[str, Any], more: Mapping[str, str] | None = None
) -> list[httpx.Response]:
    """The answers by form and, for one image, by query."""
    model, images = models.model_for(package, case), encoded(case)
    parameters = fields(case["params"]) | (more or {})
    answers = [ask_in_form(models.house, model, images, parameters)]
    if len(images) == 1:
        answers.append(ask_in_query(models.house, model, images[0], parameters))
    return answers


def results(answer: httpx.Response, models: GoldenModels) -> list[dict[str, Any]]:
    """One for each image."""
    assert answer.status_code == 200, f"{answer.text}\n{models.house.end_of_log()}"
    document = answer.json()
    return document.get("results", [document])  # type: ignore[no-any-return]


@pytest.mark.parametrize(("package", "case"), golden.every(FAMILIES))
def test_families_agree_with_the_reference(package: str, case: dict[str, Any] | None, models: GoldenModels) -> None:
    check(models, package, case)


@pytest.mark.parametrize(("package", "case"), golden.every(CLASSIFIERS))
def test_classes_agree_with_the_reference(package: str, case: dict[str, Any] | None, models: GoldenModels) -> None:
    assert case is not None
    found = [_scores(answer, models) for answer in both_ways(models, package, case)]
    if "error" not in case:
        for scores in found:
            golden.check_scores(scores, case)
        return
    # The library fails on a fourth channel where it cuts out the centre; its own server never hands it one.
    assert case["id"] == "rgba"
    opaque = _scores(both_ways(models, package, case | {"input": "bgr-numpy"})[0], models)
    assert all(scores == opaque for scores in found)


def _scores(answer: httpx.Response, models: GoldenModels) -> list[list[float]]:
    """For each image, the scores in the order of the classes."""
    return [
        [each["confidence"] for each in sorted(result["predictions"], key=lambda each: each["class_id"])]
        for result in results(answer, models)
    ]


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


def recorded(package: str, case_id: str, image: str) -> dict[str, Any]:
    """The recorded case of the unchanged package."""
    cases = [parameter.values[0] for parameter in golden.cases(package)]
    return next(
        case for case in cases if (case["id"], case["variant"], case["images"]) == (case_id, "package", [image])
    )


@pytest.mark.parametrize("package", [DETECTION, SEGMENTATION])
def test_several_images_in_one_form_are_answered_in_their_order(package: str, models: GoldenModels) -> None:
    images = ["shapes_big_3000x2000.jpg", "tiny_8x8.png", "shapes_wide_640x426.png", "shapes_square_320x320.png"]
    cases = [recorded(package, "conf0.7-iou0.3", image) for image in images]
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


def classes(answer: dict[str, Any]) -> set[str]:
    return {each["class"] for each in answer["predictions"]}


def keys(answer: dict[str, Any]) -> set[str]:
    assert answer["predictions"]
    return set.intersection(*(set(each) for each in answer["predictions"]))


# Parameters, and what must be true of an answer to them.
EFFECTS: dict[str, tuple[dict[str, str], Callable[[dict[str, Any]], bool]]] = {
    "confidence": ({"confidence": "0.9"}, lambda answer: all(p["confidence"] >= 0.9 for p in answer["predictions"])),
    "iou_threshold": (
        {"confidence": "0.05", "iou_threshold": "0.95"},
        lambda answer: len(answer["predictions"]) > 20,
    ),
    "max_detections": ({"max_detections": "1"}, lambda answer: len(answer["predictions"]) == 1),
    "class_agnostic_nms": (
        {"confidence": "0.05", "class_agnostic_nms": "true"},
        lambda answer: bool(answer["predictions"]),
    ),
    "class_filter with commas": (
        {"class_filter": "circle,star"},
        lambda answer: bool(classes(answer)) and classes(answer) <= {"circle", "star"},
    ),
    "class_filter as JSON": (
        {"class_filter": '["circle"]'},
        lambda answer: classes(answer) == {"circle"},
    ),
    "mask_format=polygon": (
        {"mask_format": "polygon"},
        lambda answer: "points" in keys(answer) and "rle" not in keys(answer),
    ),
    "mask_format=rle": ({"mask_format": "rle"}, lambda answer: "rle" in keys(answer) and "points" not in keys(answer)),
    "masks_resolution_factor": (
        {"masks_resolution_factor": "0"},
        lambda answer: answer["original_image"] != answer["image"],
    ),
    "pre_processing_overrides": (
        {"pre_processing_overrides": '{"disable_static_crop": true, "disable_grayscale": true}'},
        lambda answer: bool(answer["predictions"]),
    ),
    "explain": ({"explain": "true"}, lambda answer: bool(answer["explanation"])),
    "backend": ({"backend": "onnx"}, lambda answer: answer["package"]["backend"] == "onnx"),
    "quantization": ({"quantization": "fp32"}, lambda answer: answer["package"]["quantization"] == "fp32"),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_a_parameter_does_the_same_in_the_query_and_in_a_form(name: str, models: GoldenModels) -> None:
    parameters, holds = EFFECTS[name]
    image = encoded(recorded(SEGMENTATION, "default", "shapes_wide_640x426.png"))[0]
    model = models.model_for(SEGMENTATION, PACKAGE_AS_IT_IS)

    # The explanation is for those with a token alone; the others hold with one as well.
    token = models.house.token()
    in_query = ask_in_query(models.house, model, image, parameters, token)
    in_form = ask_in_form(models.house, model, [image], parameters, token)

    assert in_query.status_code == in_form.status_code == 200, in_query.text
    assert in_query.json()["predictions"] == in_form.json()["predictions"]
    assert holds(in_query.json())
    assert holds(in_form.json())


@pytest.mark.parametrize(
    "parameters",
    [
        {"confidence": "2"},
        {"iou_threshold": "much"},
        {"max_detections": "1.5"},
        {"class_agnostic_nms": "perhaps"},
        {"mask_format": "png"},
        {"pre_processing_overrides": '{"disable_everything": true}'},
        {"confidance": "0.5"},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_a_parameter_that_cannot_be_read_is_refused_by_its_name(
    parameters: dict[str, str], models: GoldenModels
) -> None:
    image = encoded(recorded(SEGMENTATION, "default", "shapes_wide_640x426.png"))[0]
    model = models.model_for(SEGMENTATION, PACKAGE_AS_IT_IS)

    for answer in (
        ask_in_query(models.house, model, image, parameters),
        ask_in_form(models.house, model, [image], parameters),
    ):
        assert answer.status_code == 400
        assert next(iter(parameters)) in answer.json()["error"]["message"]


def test_a_package_that_is_not_trusted_is_not_run_and_the_refusal_says_why(models: GoldenModels) -> None:
    case = recorded(DETECTION, "default", "shapes_wide_640x426.png")
    pushed = models.house.push(golden.GOLDEN / DETECTION / "package", "golden/untrusted", trust=False)

    answer = ask_in_form(models.house, pushed.model, encoded(case), {})

    assert 400 <= answer.status_code < 500
    assert "not marked as trusted" in answer.json()["error"]["message"]
