"""The whole server behind the receiver: what it refuses before the body, and what slow clients cannot do to it."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import pytest

from tests.conformance.house import REPOSITORY, House
from tests.receiver.conftest import Wire

pytestmark = pytest.mark.timeout(300)

INFER = "/api/v1/models/demo/shapes/infer"
CSRF = "a" * 32
MOST_REQUESTS = 3


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server with fewer threads than the slow clients of these tests."""
    environment = {"PATIENCE_SECONDS": "4", "MAX_IN_FLIGHT": "3", "RATE_LIMIT_PER_MINUTE": str(MOST_REQUESTS)}
    house = House(tmp_path_factory.mktemp("house"), environment=environment, threads=4)
    house.start()
    yield house
    house.stop()


def test_slow_bodies_keep_nobody_from_being_answered(house: House) -> None:
    with ExitStack() as stack:
        for path in (INFER, "/infer/object_detection", "/healthz", "/admin/login/", "/v2/models/demo/shapes/infer"):
            for _ in range(8):
                wire = stack.enter_context(closing(Wire(house.port)))
                wire.send(f"POST {path}\nContent-Length: 1000\nContent-Type: application/json", b"{")
        started = time.monotonic()

        assert httpx.get(f"{house.address}/healthz", timeout=30).status_code == 200
        assert httpx.get(f"{house.address}/models/v1/external/weights?modelId=demo/shapes").status_code == 200
        assert time.monotonic() - started < 4


def test_a_slow_body_is_answered_in_the_usual_shape(house: House) -> None:
    with closing(Wire(house.port)) as wire:
        status, headers, body = wire.send(f"POST {INFER}\nContent-Length: 1000").answer()

    assert status == 408
    assert headers["content-type"] == "application/json"
    assert b'"body-too-slow"' in body
    assert headers["x-request-id"].encode() in body


@pytest.mark.parametrize("path", ["/api/v1/models/none/infer", "/none/1", "/v2/models/none/infer"])
def test_without_access_nothing_of_the_body_is_read(path: str, house: House) -> None:
    with closing(Wire(house.port)) as wire:
        wire.send(f"POST {path}\nContent-Length: 1000000\nExpect: 100-continue")

        assert wire.status() == 401


def test_a_key_in_a_json_body_is_found(house: House) -> None:
    image = (REPOSITORY / "demo" / "images" / "meadow.jpg").read_bytes()
    document = {
        "model_id": "demo/shapes",
        "image": {"type": "base64", "value": base64.b64encode(image).decode()},
    }

    def status(key: str) -> int:
        body = document | {"api_key": key}
        return httpx.post(f"{house.address}/infer/object_detection", json=body, timeout=60).status_code

    assert status(house.token()) == 200
    assert status("wb_wrong") == 401


def test_a_limit_on_requests_counts_each_once(house: House) -> None:
    token = house.token()
    headers = {"Authorization": f"Bearer {token}"}
    statuses = [
        httpx.post(f"{house.address}/api/v1/models/demo/shapes/negotiate", json={}, headers=headers).status_code
        for _ in range(MOST_REQUESTS + 1)
    ]

    assert statuses == [*[200] * MOST_REQUESTS, 429]


def test_a_file_where_no_file_belongs_leaves_nothing_on_the_disk(house: House) -> None:
    cookie = {"Cookie": f"csrftoken={CSRF}"}
    for path in ("/admin/login/", "/healthz", "/"):
        answer = httpx.post(
            f"{house.address}{path}", files={"file": ("f", bytes(1_900_000))}, headers=cookie, timeout=30
        )
        assert answer.status_code in {403, 405}
        answer = httpx.post(f"{house.address}{path}", files={"file": ("f", bytes(9_000_000))}, headers=cookie)
        assert answer.status_code in {405, 413}

    assert list((house.data_dir / "staging").iterdir()) == []


def test_a_client_of_http_1_0_needs_no_host(house: House) -> None:
    with closing(Wire(house.port)) as wire:
        wire.more(b"GET /healthz HTTP/1.0\r\n\r\n")

        assert wire.status() == 200


def test_a_host_that_cannot_be_is_refused_in_the_usual_shape(house: House) -> None:
    answer = httpx.get(f"{house.address}/none", headers={"Host": "a_b..c"})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid-request"
