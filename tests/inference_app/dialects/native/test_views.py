"""`POST /api/v1/models/<id>/infer`, with a real host and the demo model."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from inference_app.services import hosts
from packages_app.services import publishing
from registry.services.audit import Actor
from tests.helpers import assert_error, bearer
from tests.inference_app.conftest import DEMO, break_network

ADDRESS = "/api/v1/models/demo/shapes/infer"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


def post(body: bytes, token: str | None, address: str = ADDRESS, content_type: str = "image/jpeg", **query: str) -> Any:
    headers = bearer(token) if token else {}
    return Client().post(address, body, content_type=content_type, headers=headers, query_params=query)


def huge_png(width: int, height: int) -> bytes:
    """A PNG of one colour and one bit a pixel, written row by row: few bytes for very many pixels."""
    compressor = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(compressor.compress(row) for _ in range(height)) + compressor.flush()

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_it_answers_boxes_with_the_package_that_ran_and_why(
    push_demo: Callable[..., Any], image: bytes, infer_token: str
) -> None:
    package = push_demo()
    answer = post(image, infer_token).json()
    assert answer["package"]["package_id"] == package.package_id
    assert answer["package"]["why"] == "It is the model's only published package."
    assert answer["image"] == {"width": 800, "height": 450}
    assert answer["timings"]["total"] > 0
    box = answer["predictions"][0]
    assert {"x_min", "y_min", "x_max", "y_max", "class", "class_id", "confidence"} == set(box)


def test_its_boxes_are_where_the_shapes_are_drawn(
    push_demo: Callable[..., Any], image: bytes, infer_token: str
) -> None:
    push_demo()
    truth = json.loads((DEMO / "images" / "ground_truth.json").read_text())
    shapes = next(entry["shapes"] for entry in truth if entry["file"] == "meadow.jpg")
    predictions = post(image, infer_token, confidence="0.3").json()["predictions"]
    found = sum(
        any(
            prediction["class"] == shape["class"]
            and abs(prediction["x_min"] - shape["box"][0]) < 20
            and abs(prediction["y_max"] - shape["box"][3]) < 20
            for prediction in predictions
        )
        for shape in shapes
    )
    assert found >= 0.7 * len(shapes)


def test_several_images_of_a_form_are_answered_in_order(
    push_demo: Callable[..., Any], image: bytes, infer_token: str
) -> None:
    push_demo()
    other = (DEMO / "images" / "amber.png").read_bytes()
    form = {"a": SimpleUploadedFile("a.jpg", image), "b": SimpleUploadedFile("b.png", other), "confidence": "0.3"}
    answer = Client().post(ADDRESS, form, headers=bearer(infer_token)).json()
    assert [result["image"]["width"] for result in answer["results"]] == [800, 640]


def test_images_and_parameters_may_come_as_json(push_demo: Callable[..., Any], image: bytes, infer_token: str) -> None:
    push_demo()
    encoded = {"type": "base64", "value": base64.b64encode(image).decode()}
    one = post(
        json.dumps({"image": encoded, "max_detections": 2}).encode(), infer_token, content_type="application/json"
    )
    assert len(one.json()["predictions"]) == 2
    two = post(json.dumps({"images": [encoded, encoded]}).encode(), infer_token, content_type="application/json")
    assert len(two.json()["results"]) == 2


@pytest.mark.parametrize("document", [[], {}, {"image": None}, {"image": "text"}, {"images": []}])
def test_json_without_a_image_is_refused(push_demo: Callable[..., Any], infer_token: str, document: Any) -> None:
    push_demo()
    response = post(json.dumps(document).encode(), infer_token, content_type="application/json")
    assert_error(response, "invalid-request", 400)


def test_json_that_names_a_file_is_refused(push_demo: Callable[..., Any], infer_token: str) -> None:
    push_demo()
    body = json.dumps({"image": {"type": "file", "value": "/etc/passwd"}}).encode()
    assert_error(post(body, infer_token, content_type="application/json"), "input-kind-refused", 400)


def test_parameters_of_the_query_have_their_effect(
    push_demo: Callable[..., Any], image: bytes, infer_token: str
) -> None:
    push_demo()
    assert len(post(image, infer_token, max_detections="2").json()["predictions"]) == 2
    assert post(image, infer_token, confidence="0.999").json()["predictions"] == []
    filtered = post(image, infer_token, class_filter='["star"]').json()["predictions"]
    assert {prediction["class"] for prediction in filtered} == {"star"}


def test_it_turns_a_image_upright(push_demo: Callable[..., Any], image: bytes, infer_token: str) -> None:
    push_demo()
    turned = Image.open(io.BytesIO(image)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    turned.save(out, "JPEG", quality=95, exif=exif)
    assert post(out.getvalue(), infer_token).json()["image"] == {"width": 800, "height": 450}


def test_the_explanation_is_in_the_answer_when_asked_for(
    push_demo: Callable[..., Any], image: bytes, infer_token: str
) -> None:
    push_demo()
    push_demo("onnx-static")
    explanation = post(image, infer_token, explain="1").json()["explanation"]
    assert len(explanation["packages"]) == 2
    assert explanation["decided_by"] == ["batch_mode"]


def test_a_package_can_be_asked_for_by_id(push_demo: Callable[..., Any], image: bytes, infer_token: str) -> None:
    push_demo()
    static = push_demo("onnx-static")
    answer = post(image, infer_token, package_id=static.package_id).json()
    assert answer["package"]["package_id"] == static.package_id


def test_a_public_model_needs_no_token(push_demo: Callable[..., Any], image: bytes) -> None:
    push_demo(public=True)
    assert post(image, None).status_code == 200


def test_a_stranger_is_not_told_what_this_machine_is(push_demo: Callable[..., Any], image: bytes) -> None:
    push_demo(public=True)
    assert_error(post(image, None, explain="1"), "token-required", 401)


def test_a_private_model_needs_one(push_demo: Callable[..., Any], image: bytes) -> None:
    push_demo()
    assert_error(post(image, None), "token-required", 401)


def test_a_token_without_the_scope_infer_is_refused(
    push_demo: Callable[..., Any], image: bytes, alpha_token: str
) -> None:
    push_demo()
    assert_error(post(image, alpha_token), "insufficient-scope", 403)


def test_a_foreign_model_does_not_exist(
    push_demo: Callable[..., Any], image: bytes, beta: Any, make_token: Callable[..., str]
) -> None:
    push_demo()
    assert_error(post(image, make_token(beta, "infer")), "model-not-found", 404)


def test_a_model_with_only_a_draft_says_so(push_demo: Callable[..., Any], image: bytes, infer_token: str) -> None:
    push_demo(publish=False)
    assert_error(post(image, infer_token), "nothing-published", 409)


def test_a_withdrawn_package_runs_no_more(push_demo: Callable[..., Any], image: bytes, infer_token: str) -> None:
    package = push_demo()
    assert post(image, infer_token).status_code == 200
    publishing.withdraw(package, actor=Actor(name="test"))
    assert_error(post(image, infer_token), "nothing-published", 409)


def test_an_untrusted_package_is_passed_over_as_clients_do(
    push_demo: Callable[..., Any], image: bytes, infer_token: str
) -> None:
    push_demo(trusted=False)
    assert_error(post(image, infer_token), "no-model-packages-available", 409)


def test_it_refuses_a_bomb_of_16000_pixels_a_side_before_decoding(
    push_demo: Callable[..., Any], infer_token: str
) -> None:
    push_demo()
    bomb = huge_png(16_000, 16_000)
    assert len(bomb) < 400_000
    assert_error(post(bomb, infer_token), "image-too-large", 413)


@pytest.mark.parametrize(
    "body, code",
    [
        (b"these bytes are no image", "bad-image"),
        (b"\xff\xd8\xff\xe0 cut", "image-truncated"),
        (b"", "invalid-request"),
    ],
)
def test_it_refuses_what_is_no_image(push_demo: Callable[..., Any], infer_token: str, body: bytes, code: str) -> None:
    push_demo()
    response = post(body, infer_token)
    assert response.status_code == 400
    assert_error(response, response.json()["error"]["code"], 400)


def test_it_refuses_a_body_beyond_the_limit(push_demo: Callable[..., Any], infer_token: str, settings: Any) -> None:
    push_demo()
    settings.MAX_REQUEST_BYTES = 1000
    assert_error(post(bytes(1001), infer_token), "request-too-large", 413)


def test_it_refuses_a_image_whose_scans_are_too_much_work(
    push_demo: Callable[..., Any], image: bytes, infer_token: str, settings: Any
) -> None:
    push_demo()
    buffer = io.BytesIO()
    Image.open(io.BytesIO(image)).save(buffer, "JPEG", progressive=True)
    progressive = buffer.getvalue()
    assert post(progressive, infer_token).status_code == 200
    again = b"\xff\xda\0\x08\x01\x01\0\0\0\x10"
    many = progressive[:-2] + again * 10 + progressive[-2:]
    width, height = Image.open(io.BytesIO(image)).size
    settings.MAX_IMAGE_PIXELS = width * height
    assert_error(post(many, infer_token), "image-too-large", 413)
    assert post(progressive, infer_token).status_code == 200


def test_it_refuses_more_images_than_the_limit(
    push_demo: Callable[..., Any], image: bytes, infer_token: str, settings: Any
) -> None:
    push_demo()
    settings.MAX_IMAGES_PER_REQUEST = 1
    form = {"a": SimpleUploadedFile("a.jpg", image), "b": SimpleUploadedFile("b.jpg", image)}
    assert_error(Client().post(ADDRESS, form, headers=bearer(infer_token)), "request-too-large", 413)


@pytest.mark.parametrize("query", [{"confidence": "much"}, {"confidence": "7"}, {"colour": "blue"}])
def test_it_names_a_parameter_that_it_does_not_take(
    push_demo: Callable[..., Any], image: bytes, infer_token: str, query: dict[str, str]
) -> None:
    push_demo()
    error = assert_error(post(image, infer_token, **query), "bad-parameter", 400)
    assert next(iter(query)) in error["message"]


def test_it_answers_other_methods_with_405(push_demo: Callable[..., Any], infer_token: str) -> None:
    push_demo()
    response = Client().put(ADDRESS, b"", headers=bearer(infer_token))
    assert_error(response, "method-not-allowed", 405)


def test_a_package_that_cannot_be_loaded_makes_way_for_the_next(
    push_demo: Callable[..., Any], image: bytes, infer_token: str, tmp_path: Any
) -> None:
    """The first in the ranking has a network that inspection takes and no runtime can run."""
    import shutil

    from packages_app.services.push import push_directory

    good = push_demo("onnx-static")
    directory = tmp_path / "package"
    shutil.copytree(DEMO / "packages" / "onnx-dynamic", directory)
    break_network(directory / "weights.onnx")
    broken = push_directory(
        directory,
        model_id="demo/shapes",
        workspace=good.model.workspace,
        actor=Actor(name="test"),
        trusted=True,
        publish=True,
    )
    answer = post(image, infer_token)
    assert answer.status_code == 200, answer.content
    assert answer.json()["package"]["package_id"] == good.package_id != broken.package_id


def test_the_host_is_a_process_of_its_own(push_demo: Callable[..., Any], image: bytes, infer_token: str) -> None:
    import os

    push_demo()
    post(image, infer_token)
    assert hosts.client().status()["pid"] != os.getpid()
