"""Twenty addresses, eight methods, hostile bodies: every answer is a 2xx or a 4xx in the one shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from registry.services.tokens import create_token

ADDRESSES = [
    "/healthz",
    "/readiness",
    "/models/v1/external/weights",
    "/models/v1/external/stat",
    f"/files/{'0' * 64}/weights.onnx",
    "/api/v1/models",
    "/api/v1/models/demo/shapes",
    "/api/v1/models/demo/shapes/infer",
    "/api/v1/models/demo/shapes/negotiate",
    "/api/v1/environment",
    "/api/v1/machines",
    "/v2",
    "/v2/models/demo/shapes",
    "/v2/models/demo/shapes/infer",
    "/info",
    "/model/registry",
    "/model/add",
    "/model/remove",
    "/infer/object_detection",
    "/demo/shapes",
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
DEEP = "[" * 5_000 + "]" * 5_000
BODIES: list[tuple[str, bytes]] = [
    ("application/json", b""),
    ("application/json", b"{"),
    ("application/json", b"[1]"),
    ("application/json", b"null"),
    ("application/json", DEEP.encode()),
    ("application/json", b'{"model_id": "demo/shapes", "image": {"type": "base64", "value": "////"}}'),
    ("application/json", b'{"model_id": {"$gt": ""}, "image": [[]], "environment": 3, "request": []}'),
    ("application/json", json.dumps({"model_id": "\x00" * 50, "inputs": [{"name": None}]}).encode()),
    ("application/json", b'{"a": 1e999999, "confidence": NaN, "model_id": "demo/shapes"}'),
    ("application/json", b"\xff\xfe\x00{"),
    (
        "application/json",
        b'{"model_id": "\\ud800", "request": {"model_package_id": "\\ud800"}, "inputs": [{"name": "\\udfff"}]}',
    ),
    ("application/json", b'{"model_id": "\xed\xa0\x80", "api_key": "wb_aaaaaaaaaa_\xed\xa0\x80"}'),
    ("application/json", b'{"api_key": "wb_\\ud800aaaaaaaaa_x", "model_id": "demo/shapes"}'),
    ("application/json", b'{"model_id": [' + b"[]," * 100_000 + b"[]]}"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\n" * 2_000),
    ("multipart/form-data", b"--x--"),
    ("application/x-www-form-urlencoded", b"a=%ff&%00=%00&" * 500),
    ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)),
    ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
    ("image/gif", b"GIF89a" + b"\xff" * 50),
    ("application/octet-stream", bytes(range(256)) * 40),
    ("text/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ("\x01 nonsense / type", b"x"),
]
QUERIES = ["", "?modelId=%00", "?modelId=" + "a" * 3_000, "?confidence=%FF&api_key=None&startAfter=%27--&pageSize=-1"]


@pytest.fixture
def house(model_host: None, push_demo: Callable[..., Any], alpha: Any) -> str:
    push_demo(public=True)
    return create_token(alpha, "fuzz", ["read", "infer", "publish", "admin"])[1]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_request_brings_it_out_of_countenance(house: str, address: str) -> None:
    client = Client(raise_request_exception=False)
    for method in METHODS:
        bodies = BODIES if method not in {"GET", "HEAD", "TRACE"} else BODIES[:3]
        for number, (content_type, body) in enumerate(bodies):
            query = QUERIES[number % len(QUERIES)]
            headers = {"Authorization": f"Bearer {house}"} if number % 3 else {}
            response = client.generic(method, address + query, body, content_type=content_type, headers=headers)
            asked = f"{method} {address}{query[:40]} {content_type} {body[:40]!r}"
            assert 200 <= response.status_code < 500, f"{asked}: {response.status_code} {response.content[:300]!r}"
            if response.status_code >= 400 and method != "HEAD":
                assert "error" in response.json(), asked


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + "QQ==" * 5_000},
        {"Authorization": "Digest x"},
        {"Authorization": "Bearer " + "x" * 10_000},
        {"Authorization": "Bearer wb_\x7f_\x7f"},
        {"Range": "bytes=-"},
        {"Range": "bytes=9-1"},
        {"Accept": "application/xml"},
        {"Content-Encoding": "gzip"},
        {"X-Request-Id": "a b\tc"},
        {"X-Forwarded-Host": "evil.example"},
        {"Inference-Header-Content-Length": "-5"},
        {"Inference-Header-Content-Length": "\u00b2"},
        {"Inference-Header-Content-Length": "9" * 5_000},
    ],
)
@pytest.mark.parametrize("address", ["/models/v1/external/weights?modelId=demo/shapes", "/v2/models/demo/shapes/infer"])
def test_hostile_headers_are_answered(house: str, address: str, headers: dict[str, str]) -> None:
    client = Client(raise_request_exception=False)
    for method in ("GET", "POST"):
        response = client.generic(method, address, b"{}", content_type="application/json", headers=headers)
        assert response.status_code < 500
