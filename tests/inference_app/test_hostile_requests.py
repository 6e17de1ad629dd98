"""Every address of the resolver, eight methods, hostile bodies: no defect, and each answer in the form of its dialect.

The suite asks a part of it, drawn with a fixed seed; HOSTILE_SHARE=1 asks all.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from registry.services.tokens import create_token
from tests.routes import Route, routes

SHARE = float(os.environ.get("HOSTILE_SHARE", "0.1"))
# What is not offered, not possible at the moment, too late, or too much: none of them is a defect.
ALLOWED_5XX = {501, 503, 504, 507}
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
    ("application/x-www-form-urlencoded", b"image=" + b"%" * 300),
    ("application/json", b'{"model_id": "demo/shapes", "model_id": "x", "model_id": null, "image": [], "image": {}}'),
    ("application/json", b'{"a":' * 4_000 + b"1" + b"}" * 4_000),
    ("application/json", b'{"max_detections": ' + b"9" * 4_000 + b', "model_id": "demo/shapes"}'),
    ("application/json", b'{"max_detections": ' + b"9" * 5_000 + b"}"),
    (
        "application/json",
        b'{"confidence": -1e308, "iou_threshold": 1e-400, "image": "\\u0000", "model_id": "\\u0000/1"}',
    ),
    ("application/json", b'{"model_id": "demo/shapes", "image": {"type": "url", "value": "http://[::1]:0/\\u0000"}}'),
    (
        "application/json",
        b'{"inputs": [{"name": "images", "datatype": "FP32", "shape": [99999999, 99999999999999999999], "data": []}]}',
    ),
    ("application/json", b'{"inputs": [{"name": "images", "datatype": "FP32", "shape": [0], "data": []}]}'),
    (
        "application/json",
        b'{"inputs": [{"name": "images", "datatype": "UINT8", "shape": [3], "data": [-1, 256, 1e30]}]}',
    ),
    ("application/json", b'{"environment": {"os_version": "\\u0000"}, "request": {"device": "\\u0000"}}'),
    ("application/json; charset=utf-16", b"{}"),
    ("application/json; charset=nonsense", b"{}"),
    ("multipart/form-data; boundary=" + "x" * 300, b"--x--"),
    ("multipart/form-data; boundary=\u00ff", b"--\xc3\xbf--"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../\x00a"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n",
    ),
    ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)),
    ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
    ("image/gif", b"GIF89a" + b"\xff" * 50),
    ("application/octet-stream", bytes(range(256)) * 40),
    ("text/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    ("\x01 nonsense / type", b"x"),
]
QUERIES = [
    "",
    "?modelId=%00",
    "?page=%00&page_size=-1&search=%ff",
    f"?page={'9' * 5_000}",
    f"?modelId={'a' * 3_000}",
    "?confidence=%FF&api_key=None&startAfter=%27--&pageSize=-1",
]


@pytest.fixture
def token(alpha: Any) -> str:
    return create_token(alpha, "fuzz", ["read", "infer", "publish", "admin"])[1]


@pytest.fixture
def house(model_host: None, push_demo: Callable[..., Any], token: str) -> str:
    """A server with a model that runs; returns a token of it."""
    push_demo(public=True)
    return token


HEADERS: list[dict[str, str]] = [
    {},
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "deflate"},
    {"Content-Encoding": "br"},
    {"Accept": "text/html"},
    {"Accept": "application/xml"},
    {"Inference-Header-Content-Length": "2"},
    {"Origin": "https://elsewhere.example"},
    {"Cookie": "sessionid=\u00ff; csrftoken=x"},
]


def is_a_page(route: Route) -> bool:
    return route.pattern == "/" or route.pattern.startswith(("/admin", "/help"))


def check_form(route: Route, response: Any, asked: str) -> None:
    """What people open in a browser may be HTML; every refusal elsewhere is JSON in the shape of its dialect."""
    if is_a_page(route):
        return
    kind = response.headers.get("Content-Type", "")
    if response.status_code < 400:
        assert route.pattern == "/api/docs" or not kind.startswith("text/html"), asked
        return
    assert kind == "application/json", f"{asked}: {kind}"
    document = response.json()
    if route.pattern.startswith("/v2"):
        assert isinstance(document["error"], str), asked
        assert {"error", "code", "help_url", "request_id"} <= set(document), asked
    else:
        assert set(document) == {"error", "message"}, asked
        assert {"code", "message", "help_url", "request_id"} <= set(document["error"]), asked


@pytest.mark.django_db
@pytest.mark.parametrize("route", [pytest.param(route, id=route.pattern) for route in routes()])
def test_no_request_brings_it_out_of_countenance(request: pytest.FixtureRequest, route: Route) -> None:
    token = request.getfixturevalue("token" if is_a_page(route) else "house")
    draw = random.Random(route.pattern)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    for method in METHODS:
        bodies = BODIES if method not in {"GET", "HEAD", "TRACE"} else BODIES[:3]
        # The first body is empty: how a method without any is answered is always asked.
        for number, (content_type, body) in enumerate(bodies):
            if number and draw.random() >= SHARE:
                continue
            query = draw.choice(QUERIES)
            headers = dict(draw.choice(HEADERS))
            if draw.random() < 2 / 3:
                headers["Authorization"] = f"Bearer {token}"
            address = route.example + query
            response = client.generic(method, address, body, content_type=content_type, headers=headers)
            asked = f"{method} {address[:100]} {headers} {content_type} {body[:60]!r}: {response.status_code}"
            content = b"" if response.streaming else response.content
            allowed = response.status_code < 500 or response.status_code in ALLOWED_5XX
            assert allowed, f"{asked} {content[:300]!r}"
            if method != "HEAD":
                check_form(route, response, asked)


PAGES_OF_THE_ADMIN = [route for route in routes() if route.pattern.startswith("/admin/")]
FORMS = [
    ("application/x-www-form-urlencoded", b""),
    ("application/x-www-form-urlencoded", b"name=%00&slug=%ff&model_id=%00&id=99999999999999999999&confirm=1"),
    ("application/x-www-form-urlencoded", b"action=delete_selected&_selected_action=%00&_selected_action=x&index=-1"),
    ("application/x-www-form-urlencoded", b"handle=%ed%a0%80&new_handle=../../x&reason=" + b"a" * 5_000),
    ("application/x-www-form-urlencoded", b"_saved=1&form-TOTAL_FORMS=99999999999&aliases-TOTAL_FORMS=-1"),
    *BODIES,
]
LISTS = ["", "?q=%00", "?o=99.-99.x&p=-5&e=1", "?_popup=%00&_to_field=x", "?workspace__id__exact=%ff", "?term=%00"]


@pytest.mark.django_db
@pytest.mark.parametrize("route", [pytest.param(route, id=route.pattern) for route in PAGES_OF_THE_ADMIN])
def test_no_request_of_an_administrator_either(token: str, route: Route, admin_user: Any) -> None:
    draw = random.Random(route.pattern)
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    for method in METHODS:
        for content_type, body in FORMS if method == "POST" else FORMS[:3]:
            if draw.random() >= SHARE:
                continue
            address = route.example + draw.choice(LISTS)
            response = client.generic(method, address, body, content_type=content_type)
            asked = f"{method} {address[:100]} {content_type} {body[:60]!r}: {response.status_code}"
            assert response.status_code < 500 or response.status_code in ALLOWED_5XX, asked
            if "sessionid" not in client.cookies or not client.cookies["sessionid"].value:
                client.force_login(admin_user)


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
