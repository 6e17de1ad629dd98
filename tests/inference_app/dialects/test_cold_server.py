"""What is wrong with a request is found before anything is loaded for it: for every parameter of every dialect."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from backends.parameters import InferenceParameters
from inference_app.dialects.native.requests import CHOICE_FIELDS
from inference_app.dialects.open_inference.tensors import HEADER_LENGTH
from inference_app.dialects.sdk import description as sdk
from inference_app.services import hosts, inference
from registry.models import Model
from tests.helpers import bearer

NATIVE = "/api/v1/models/demo/shapes/infer"
OPEN_INFERENCE = "/v2/models/demo/shapes"

# Of each parameter a value that it cannot have. A model is not loaded to find that out.
OF_THE_NETWORK: dict[str, str] = {
    "confidence": "much",
    "iou_threshold": "1.5",
    "max_detections": "0",
    "class_agnostic_nms": "maybe",
    "class_filter": "[1]",
    "mask_format": "png",
    "masks_smoothing_enabled": "maybe",
    "masks_binarization_threshold": "-1",
    "masks_resolution_factor": "2",
    "key_points_threshold": "2",
    "image_size": "[1]",
    "input_color_format": "cmyk",
    "pre_processing_overrides": '{"disable_everything": true}',
}
OF_THE_CHOICE: dict[str, str] = {
    "package_id": "0" * 32,
    "backend": "abacus",
    "quantization": "fp1",
    "device": "toaster",
}
V1: dict[str, Any] = {
    "model_id": None,
    "image": {"type": "base64", "value": "aGVsbG8="},
    "confidence": "much",
    "iou_threshold": "much",
    "max_detections": "many",
    "class_agnostic_nms": "maybe",
    "class_filter": "star",
    "visualize_predictions": "maybe",
    "visualization_labels": "maybe",
    "visualization_stroke_width": "thick",
    "keypoint_confidence": "much",
    "depth_map_format": "tiff",
    "response_mask_format": "png",
    "mask_decode_mode": "slow",
    "tradeoff_factor": "much",
    "allow_reduced_mask_resolution": "maybe",
    "disable_preproc_auto_orient": "maybe",
    "disable_preproc_contrast": "maybe",
    "disable_preproc_grayscale": "maybe",
    "disable_preproc_static_crop": "maybe",
}
V0: dict[str, str] = {
    "confidence": "much",
    "overlap": "much",
    "max_detections": "many",
    "keypoint_confidence": "much",
    "format": "tiff",
    "labels": "maybe",
    "stroke": "thick",
    "image": "https://example.com/a.jpg",
}
# Any text is a name that may be there, or a key, which others test.
WITHOUT_A_WRONG_VALUE = {"classes", "api_key"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def cold(
    push_demo: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> Iterator[None]:
    """A server that has loaded nothing, and whose test fails as soon as it would."""
    push_demo()
    inference.forget()
    settings.MODEL_CACHE_DIR = tmp_path / "cache"
    monkeypatch.setattr(hosts, "client", lambda: pytest.fail("The model host was asked."))
    yield
    assert not settings.MODEL_CACHE_DIR.exists()
    inference.forget()


@pytest.fixture
def before_the_choice(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that has not even to choose a package."""
    monkeypatch.setattr(inference, "choice_for", lambda *_: pytest.fail("A package was chosen."))


@pytest.fixture
def encoded(image: bytes) -> dict[str, str]:
    return {"type": "base64", "value": base64.b64encode(image).decode()}


def post_json(address: str, document: Any, token: str, **headers: str) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document)
    return Client().post(address, body, content_type="application/json", headers={**bearer(token), **headers})


def test_the_parameters_of_this_test_are_all_that_there_are() -> None:
    assert set(OF_THE_NETWORK) == {field.name for field in fields(InferenceParameters)}
    assert set(OF_THE_CHOICE) == set(CHOICE_FIELDS)
    v1 = sdk.PATHS["/infer/{task}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(V1) == set(v1["properties"]) - WITHOUT_A_WRONG_VALUE
    v0 = sdk.PATHS["/{project}/{version}"]["post"]["parameters"]
    assert set(V0) == {each["name"] for each in v0 if each["in"] == "query"} - WITHOUT_A_WRONG_VALUE


@pytest.mark.parametrize(("name", "value"), [*OF_THE_NETWORK.items(), ("colour", "blue")])
def test_native_parameters_of_the_query(
    before_the_choice: None, image: bytes, infer_token: str, name: str, value: str
) -> None:
    query = {name: value}
    answer = Client().post(NATIVE, image, content_type="image/jpeg", headers=bearer(infer_token), query_params=query)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad-parameter"
    assert name in answer.json()["message"]


@pytest.mark.parametrize("name", [*OF_THE_NETWORK, "colour"])
def test_native_parameters_in_json(
    before_the_choice: None, encoded: dict[str, str], infer_token: str, name: str
) -> None:
    answer = post_json(NATIVE, {"image": encoded, name: {"of": "a wrong kind"}}, infer_token)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad-parameter"


@pytest.mark.parametrize("image_", [{"type": "base64", "value": "aGVsbG8="}, {"type": "file"}, "text", None])
def test_native_images(before_the_choice: None, infer_token: str, image_: Any) -> None:
    assert post_json(NATIVE, {"image": image_}, infer_token).status_code == 400


@pytest.mark.parametrize(("name", "value"), OF_THE_CHOICE.items())
def test_native_fields_that_choose_a_package(cold: None, image: bytes, infer_token: str, name: str, value: str) -> None:
    query = {name: value}
    answer = Client().post(NATIVE, image, content_type="image/jpeg", headers=bearer(infer_token), query_params=query)
    assert answer.status_code in {400, 409}


@pytest.mark.parametrize(("name", "value"), V1.items())
def test_the_sdk_in_mode_v1(
    before_the_choice: None, encoded: dict[str, str], infer_token: str, name: str, value: Any
) -> None:
    reduced = {"allow_reduced_mask_resolution": True, "mask_decode_mode": "tradeoff"}
    body = {"model_id": "demo/shapes", "image": encoded, **reduced, name: value}
    assert post_json("/infer/object_detection", body, infer_token).status_code == 400


def test_the_sdk_at_the_address_of_another_task(
    before_the_choice: None, encoded: dict[str, str], infer_token: str
) -> None:
    body = {"model_id": "demo/shapes", "image": encoded}
    assert post_json("/infer/classification", body, infer_token).status_code == 400


@pytest.mark.parametrize(("name", "value"), V0.items())
def test_the_sdk_in_mode_v0(
    before_the_choice: None, encoded: dict[str, str], infer_token: str, name: str, value: str
) -> None:
    query = {"api_key": infer_token, name: value}
    answer = Client().post("/demo/shapes", encoded["value"], content_type="text/plain", query_params=query)
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [b"", b"no image", b"aGVsbG8="])
def test_the_sdk_with_an_image_that_is_none(before_the_choice: None, infer_token: str, body: bytes) -> None:
    answer = Client().post("/demo/shapes", body, content_type="text/plain", query_params={"api_key": infer_token})
    assert answer.status_code == 400


def test_the_sdk_asking_a_detector_for_embeddings(
    before_the_choice: None, encoded: dict[str, str], infer_token: str
) -> None:
    answer = post_json("/infer/embeddings", {"model_id": "demo/shapes", "image": encoded}, infer_token)
    assert answer.status_code == 501


@pytest.mark.parametrize("wrong", ["subject", "prompt"])
def test_the_sdk_comparing_what_is_no_image(
    before_the_choice: None, alpha: Any, encoded: dict[str, str], infer_token: str, wrong: str
) -> None:
    Model.objects.create(workspace=alpha, model_id="clip/vit", architecture="clip", task_type="embedding")
    body = {"clip_version_id": "vit", "subject": encoded, "prompt": encoded, "prompt_type": "image"}
    answer = post_json("/clip/compare", {**body, wrong: {"type": "base64", "value": "aGVsbG8="}}, infer_token)
    assert answer.status_code == 400


@pytest.fixture
def clip(alpha: Any) -> None:
    """A model whose texts are tokens, without a package."""
    Model.objects.create(workspace=alpha, model_id="clip/vit", architecture="clip", task_type="embedding")


TOO_LONG = "cat " * 80


@pytest.mark.parametrize("texts", [TOO_LONG, [TOO_LONG], [1], ["a"] * 101, []])
def test_texts_that_no_model_takes(before_the_choice: None, clip: None, infer_token: str, texts: Any) -> None:
    fields = {"clip_version_id": "vit", "text": texts}
    assert post_json("/clip/embed_text", fields, infer_token).status_code in {400, 413}
    answer = post_json("/api/v1/models/clip/vit/infer", {"texts": texts}, infer_token)
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize("wrong", ["subject", "prompt"])
def test_the_sdk_comparing_a_text_that_is_too_long(
    before_the_choice: None, clip: None, encoded: dict[str, str], infer_token: str, wrong: str
) -> None:
    body = {"clip_version_id": "vit", "subject": "a cat", "subject_type": "text", "prompt": "a cat"}
    assert post_json("/clip/compare", {**body, wrong: TOO_LONG}, infer_token).status_code == 400


def test_texts_for_a_model_of_images(before_the_choice: None, encoded: dict[str, str], infer_token: str) -> None:
    answer = post_json(NATIVE, {"texts": ["a cat"], "image": encoded}, infer_token)
    assert answer.status_code == 400


def tensor(**others: Any) -> dict[str, Any]:
    return {"name": "images", "datatype": "FP32", "shape": [1, 3, 320, 320], "data": [0.5] * 307_200, **others}


@pytest.mark.parametrize(
    "document",
    [
        b"no JSON",
        {"inputs": []},
        {"inputs": [tensor()], "id": 3},
        {"inputs": [tensor()], "parameters": 3},
        {"inputs": [tensor(name="pixels")]},
        {"inputs": [tensor(), tensor(name="more", shape=[1], data=[1])]},
        {"inputs": [tensor(datatype="FP16")]},
        {"inputs": [tensor(datatype="FP13")]},
        {"inputs": [tensor(shape=[1, 3, 320])]},
        {"inputs": [tensor(shape=[1, 3, 640, 160])]},
        {"inputs": [tensor(data=["0.5"])]},
        {"inputs": [tensor(parameters={"binary_data_size": 8})]},
        {"inputs": [tensor()], "outputs": 3},
        {"inputs": [tensor()], "outputs": [{"name": "scores"}]},
        {"inputs": [tensor()], "outputs": [{"name": "output0", "parameters": {"classification": 3}}]},
        {"inputs": [tensor()], "outputs": [{"name": "output0", "parameters": {"shared_memory_region": "a"}}]},
    ],
)
def test_open_inference(cold: None, infer_token: str, document: Any) -> None:
    assert post_json(f"{OPEN_INFERENCE}/infer", document, infer_token).status_code == 400


def test_open_inference_with_a_length_that_is_none(before_the_choice: None, infer_token: str) -> None:
    answer = post_json(f"{OPEN_INFERENCE}/infer", {"inputs": []}, infer_token, **{HEADER_LENGTH: "long"})
    assert answer.status_code == 400


def test_open_inference_of_a_version_that_there_is_not(cold: None, infer_token: str) -> None:
    answer = post_json(f"{OPEN_INFERENCE}/versions/{'0' * 32}/infer", {"inputs": []}, infer_token)
    assert answer.status_code == 409
