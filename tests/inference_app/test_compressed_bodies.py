"""A compressed body in every dialect: understood, or answered 415."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inference_app.dialects.open_inference.tensors import HEADER_LENGTH
from tests.helpers import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def requests(push_demo: Callable[..., Any], image: bytes) -> dict[str, tuple[str, str, bytes, dict[str, str]]]:
    """By dialect: address, content type, body and headers, of a public model."""
    facts = push_demo(public=True).inspection["facts"]["inputs"][0]
    encoded = {"type": "base64", "value": base64.b64encode(image).decode()}
    shape = [size if isinstance(size, int) else 1 for size in facts["shape"]]
    size = 4
    for side in shape:
        size *= side
    entry = {"name": facts["name"], "datatype": "FP32", "shape": shape, "parameters": {"binary_data_size": size}}
    head = json.dumps({"inputs": [entry]}).encode()
    return {
        "native": ("/api/v1/models/demo/shapes/infer", "image/jpeg", image, {}),
        "negotiation": ("/api/v1/models/demo/shapes/negotiate", "application/json", b'{"machine": "cpu-server"}', {}),
        "SDK v1": (
            "/infer/object_detection",
            "application/json",
            json.dumps({"model_id": "demo/shapes", "image": encoded}).encode(),
            {},
        ),
        "SDK v0": ("/demo/shapes", "application/json", encoded["value"].encode(), {}),
        "tensors": (
            "/v2/models/demo/shapes/infer",
            "application/octet-stream",
            head + bytes(size),
            {HEADER_LENGTH: str(len(head))},
        ),
    }


DIALECTS = pytest.mark.parametrize("dialect", ["native", "negotiation", "SDK v1", "SDK v0", "tensors"])


def ask(request: tuple[str, str, bytes, dict[str, str]], pack: Callable[[bytes], bytes], encoding: str) -> Any:
    address, content_type, body, headers = request
    headers = {**headers, "Content-Encoding": encoding}
    return Client().post(address, pack(body), content_type=content_type, headers=headers)


@DIALECTS
def test_a_body_in_gzip_is_understood(requests: dict[str, Any], dialect: str) -> None:
    answer = ask(requests[dialect], gzip.compress, "gzip")
    assert answer.status_code == 200, answer.content


@DIALECTS
def test_a_body_in_something_else_is_a_415(requests: dict[str, Any], dialect: str) -> None:
    answer = ask(requests[dialect], bytes, "br")
    assert answer.status_code == 415, answer.content
    assert "gzip or deflate" in json.dumps(answer.json())


@DIALECTS
def test_a_bomb_is_a_413(requests: dict[str, Any], dialect: str, settings: Any) -> None:
    settings.MAX_REQUEST_BYTES = 4 * 1024**2
    answer = ask(requests[dialect], lambda body: gzip.compress(body + bytes(8 * 1024**2)), "gzip")
    assert answer.status_code == 413, answer.content


def test_a_token_makes_no_difference(requests: dict[str, Any], infer_token: str) -> None:
    address, content_type, body, _ = requests["native"]
    headers = {**bearer(infer_token), "Content-Encoding": "gzip"}
    assert Client().post(address, gzip.compress(body), content_type=content_type, headers=headers).status_code == 200
