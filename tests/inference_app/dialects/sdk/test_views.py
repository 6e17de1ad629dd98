"""Inference in the SDK's dialect."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from inference_app.requests import admission
from tests.helpers import assert_error, bearer

V1 = "/infer/object_detection"
V0 = "/demo/shapes"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def encoded(image: bytes) -> dict[str, str]:
    return {"type": "base64", "value": base64.b64encode(image).decode()}


@pytest.fixture
def v1(push_demo: Callable[..., Any], infer_token: str, encoded: dict[str, str]) -> Callable[..., Any]:
    """Ask in mode v1, with the key in the body as the SDK does by default."""
    push_demo()

    def ask(address: str = V1, **fields: Any) -> Any:
        body = {"api_key": infer_token, "model_id": "demo/shapes", "image": encoded, **fields}
        return Client().post(address, json.dumps(body), content_type="application/json")

    return ask


@pytest.fixture
def v0(push_demo: Callable[..., Any], infer_token: str, encoded: dict[str, str]) -> Callable[..., Any]:
    """Ask in mode v0: base64 text that calls itself JSON, as the SDK sends it."""
    push_demo()

    def ask(body: bytes | None = None, content_type: str = "application/json", **query: str) -> Any:
        body = encoded["value"].encode() if body is None else body
        return Client().post(V0, body, content_type=content_type, query_params={"api_key": infer_token, **query})

    return ask


def test_boxes_are_centres_and_sizes_with_an_id_each(v1: Callable[..., Any]) -> None:
    answer = v1().json()
    assert answer["image"] == {"width": 800, "height": 450}
    detection = answer["predictions"][0]
    assert {"x", "y", "width", "height", "confidence", "class", "class_id", "detection_id"} == set(detection)
    assert 0 < detection["x"] < 800
    assert answer["resolved_model"]["backend"] == "onnx"


def test_a_list_of_one_is_answered_with_a_list(v1: Callable[..., Any], encoded: dict[str, str]) -> None:
    assert len(v1(image=[encoded]).json()) == 1


def test_a_batch_shares_one_inference_id(v1: Callable[..., Any], encoded: dict[str, str]) -> None:
    first, second = v1(image=[encoded, encoded]).json()
    assert first["inference_id"] == second["inference_id"]
    assert [p["x"] for p in first["predictions"]] == [p["x"] for p in second["predictions"]]


def test_nothing_in_an_answer_is_null(v1: Callable[..., Any]) -> None:
    assert "null" not in v1().content.decode()


def test_confidence_keeps_what_is_sure(v1: Callable[..., Any]) -> None:
    confidences = [p["confidence"] for p in v1(confidence=0.7).json()["predictions"]]
    assert confidences
    assert min(confidences) >= 0.7


def test_a_confidence_in_percent_gives_nothing_in_mode_v1(v1: Callable[..., Any]) -> None:
    assert v1(confidence=85).json()["predictions"] == []


def test_max_detections_of_zero_gives_nothing(v1: Callable[..., Any]) -> None:
    assert v1(max_detections=0).json()["predictions"] == []


def test_the_class_filter_comes_after_max_detections(v1: Callable[..., Any]) -> None:
    every = v1().json()["predictions"]
    rest = v1(class_filter=["circle"], max_detections=1).json()["predictions"]
    assert len(rest) == (1 if every[0]["class"] == "circle" else 0)


def test_an_empty_class_filter_filters_nothing(v1: Callable[..., Any]) -> None:
    assert len(v1(class_filter=[]).json()["predictions"]) == len(v1().json()["predictions"])


def test_a_visualisation_is_a_image_of_the_same_size(v1: Callable[..., Any]) -> None:
    answer = v1(visualize_predictions=True, visualization_labels=True, visualization_stroke_width=3).json()
    jpeg = np.frombuffer(base64.b64decode(answer["visualization"]), np.uint8)
    assert cv2.imdecode(jpeg, cv2.IMREAD_COLOR).shape == (450, 800, 3)


@pytest.mark.parametrize("field", ["source", "max_candidates", "fix_batch_size", "disable_active_learning", "unheard"])
def test_fields_without_a_meaning_here_are_ignored(v1: Callable[..., Any], field: str) -> None:
    assert v1(**{field: "x"}).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"confidence": "much"},
        {"class_filter": "star"},
        {"max_detections": "many"},
        {"visualize_predictions": "maybe"},
        {"image": None},
        {"image": []},
        {"image": {"type": "base64", "value": 3}},
        {"image": {"type": "base64", "value": ""}},
        {"model_id": None},
        {"response_mask_format": "png"},
    ],
)
def test_it_refuses_fields_of_the_wrong_kind(v1: Callable[..., Any], fields: dict[str, Any]) -> None:
    assert_error(v1(**fields), "invalid-request", 400)


@pytest.mark.parametrize("kind", ["file", "numpy", "numpy_object", "pil", "multipart", "", None])
def test_it_refuses_images_that_are_paths_or_pickles(v1: Callable[..., Any], kind: str | None) -> None:
    assert_error(v1(image={"type": kind, "value": "/etc/passwd"}), "input-kind-refused", 400)


def test_images_by_address_are_off(v1: Callable[..., Any]) -> None:
    assert_error(v1(image={"type": "url", "value": "https://example.com/a.jpg"}), "image-urls-off", 400)


def test_an_error_does_not_repeat_the_input(v1: Callable[..., Any]) -> None:
    response = v1(image={"type": "base64", "value": "c2VjcmV0LXBpY3R1cmU="})
    assert response.status_code == 400
    assert "c2VjcmV0" not in response.content.decode()


def test_an_address_for_another_task_says_so(v1: Callable[..., Any]) -> None:
    assert_error(v1("/infer/classification"), "invalid-request", 400)


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"null", b"3"])
def test_a_body_that_is_no_object_is_a_400(body: bytes) -> None:
    assert_error(Client().post(V1, body, content_type="application/json"), "invalid-request", 400)


def test_a_wrong_key_is_a_401(v1: Callable[..., Any]) -> None:
    assert_error(v1(api_key="wb_0123456789_wrong"), "invalid-token", 401)


def test_no_key_is_a_401_for_a_private_model(v1: Callable[..., Any]) -> None:
    assert_error(v1(api_key=None), "token-required", 401)


def test_an_unknown_model_is_a_404(v1: Callable[..., Any]) -> None:
    assert_error(v1(model_id="nothing/1"), "model-not-found", 404)


def test_a_key_in_the_header_goes_before_the_one_in_the_body(
    push_demo: Callable[..., Any], infer_token: str, encoded: dict[str, str]
) -> None:
    push_demo()
    body = json.dumps({"api_key": "wrong", "model_id": "demo/shapes", "image": encoded})
    response = Client().post(V1, body, content_type="application/json", headers=bearer(infer_token))
    assert response.status_code == 200


def test_mode_v0_takes_base64_under_a_json_content_type(v0: Callable[..., Any]) -> None:
    assert v0().json()["predictions"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "image/jpeg"])
def test_mode_v0_does_not_care_for_the_content_type(v0: Callable[..., Any], content_type: str) -> None:
    assert v0(content_type=content_type).status_code == 200


def test_mode_v0_takes_a_data_address(v0: Callable[..., Any], encoded: dict[str, str]) -> None:
    assert v0(f"data:image/jpeg;base64,{encoded['value']}".encode()).status_code == 200


def test_mode_v0_takes_a_form_with_a_file(push_demo: Callable[..., Any], infer_token: str, image: bytes) -> None:
    push_demo()
    response = Client().post(V0, {"file": SimpleUploadedFile("a.jpg", image)}, query_params={"api_key": infer_token})
    assert response.json()["predictions"]


def test_mode_v0_reads_confidence_from_one_on_as_percent(v0: Callable[..., Any]) -> None:
    in_percent = v0(confidence="70").json()["predictions"]
    assert [p["x"] for p in in_percent] == [p["x"] for p in v0(confidence="0.7").json()["predictions"]]


def test_mode_v0_answers_a_jpeg(v0: Callable[..., Any]) -> None:
    response = v0(format="image", labels="True", stroke="3")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.content[:2] == b"\xff\xd8"


def test_mode_v0_answers_both(v0: Callable[..., Any]) -> None:
    answer = v0(format="image_and_json").json()
    assert answer["visualization"]
    assert answer["predictions"]


def test_a_get_changes_and_runs_nothing(push_demo: Callable[..., Any]) -> None:
    push_demo(public=True)
    assert Client().get(V0).status_code == 405


def test_an_address_of_the_server_is_no_model() -> None:
    assert_error(Client().post("/api/nothing", b"x", content_type="text/plain"), "not-found", 404)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("/infer/workflows/a/b", "workflows"),
        ("/workflows/run", "workflows"),
        ("/team/workflows/flow", "workflows"),
        ("/sam2/segment_image", "Segment Anything 2"),
        ("/doctr/ocr", "OCR"),
        ("/infer/lmm", "language models"),
        ("/grounding_dino/infer", "Grounding DINO"),
        ("/clear_cache", "POST /model/clear"),
        ("/start/shapes/1", "POST /model/add"),
    ],
)
def test_what_is_out_of_scope_is_named(address: str, what: str) -> None:
    error = assert_error(Client().post(address, b"{}", content_type="application/json"), "not-offered", 501)
    assert error["message"].startswith(f"POST {address}: ")
    assert what in error["message"]


def test_refusals_name_the_model_that_was_asked_for(v1: Callable[..., Any]) -> None:
    assert "'nothing/1'" in v1(model_id="nothing/1").json()["message"]
    assert "'demo/shapes'" in v1("/infer/classification").json()["message"]
    assert "'demo/nothing'" in Client().post("/demo/nothing", b"x", content_type="text/plain").json()["message"]


def test_base64_for_addresses_and_without_padding_is_taken(v0: Callable[..., Any], image: bytes) -> None:
    expected = len(v0().json()["predictions"])
    for_addresses = base64.urlsafe_b64encode(image)
    assert for_addresses != base64.b64encode(image)
    for body in (for_addresses, for_addresses.rstrip(b"="), base64.b64encode(image).rstrip(b"=")):
        assert len(v0(body).json()["predictions"]) == expected


def test_a_request_beyond_the_limit_in_flight_is_answered_at_once(v1: Callable[..., Any], settings: Any) -> None:
    settings.MAX_IN_FLIGHT = 1
    with admission.admitted():
        response = v1()
    assert_error(response, "server-busy", 503)
    assert response.headers["Retry-After"] == "1"


def test_a_token_has_a_limit_of_requests(v1: Callable[..., Any], settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 1
    statuses = {v1().status_code for _ in range(3)}
    assert 429 in statuses
