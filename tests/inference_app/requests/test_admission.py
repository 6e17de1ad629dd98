from __future__ import annotations

import threading
from typing import Any

import pytest
from django.test import Client

from inference_app.requests import admission
from inference_app.requests.admission import ServerBusy, admitted, weigh
from tests.helpers import assert_error, bearer


@pytest.fixture(autouse=True)
def nobody_is_inside_before_and_after() -> Any:
    assert admission._in_flight == 0
    yield
    assert admission._in_flight == 0


def test_as_many_as_the_limit_are_inside_and_one_more_is_refused(settings: Any) -> None:
    settings.MAX_IN_FLIGHT = 2
    with admitted(), admitted():
        with pytest.raises(ServerBusy) as refused, admitted():
            pass
        assert refused.value.retry_after == 1


def test_who_leaves_makes_room(settings: Any) -> None:
    settings.MAX_IN_FLIGHT = 1
    for _ in range(3):
        with admitted():
            pass


def test_a_request_that_fails_leaves_too(settings: Any) -> None:
    settings.MAX_IN_FLIGHT = 1
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), admitted():
            1 / 0  # noqa: B018


def test_who_was_refused_does_not_count(settings: Any) -> None:
    settings.MAX_IN_FLIGHT = 1
    with admitted():
        for _ in range(3):
            with pytest.raises(ServerBusy), admitted():
                pass
    with admitted():
        pass


def test_many_threads_at_once_never_pass_the_limit(settings: Any) -> None:
    settings.MAX_IN_FLIGHT = 3
    most, refused = [0], [0]
    together = threading.Barrier(8)

    def come() -> None:
        together.wait()
        for _ in range(200):
            try:
                with admitted():
                    most[0] = max(most[0], admission._in_flight)
            except ServerBusy:
                refused[0] += 1

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] <= 3


def test_requests_weigh_together_until_they_end(settings: Any) -> None:
    settings.MAX_BYTES_IN_WORK = 100
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with admitted():
            weigh(70)
            inside.set()
            leave.wait()

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait()
    with admitted():
        weigh(30)
        with pytest.raises(ServerBusy) as refused:
            weigh(1)
        assert refused.value.retry_after == 1
    leave.set()
    thread.join()
    with admitted():
        weigh(100)
    assert admission._bytes_in_work == 0


def test_a_request_that_is_alone_may_weigh_more(settings: Any) -> None:
    settings.MAX_BYTES_IN_WORK = 100
    with admitted():
        weigh(60)
        weigh(60)
    assert admission._bytes_in_work == 0


def test_outside_of_a_request_nothing_is_weighed(settings: Any) -> None:
    settings.MAX_BYTES_IN_WORK = 1
    weigh(50)
    assert admission._bytes_in_work == 0


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/v1/models/shapes/1/infer", "/infer/object_detection", "/shapes/1"])
def test_bodies_weigh_while_they_are_read(package: Any, infer_token: str, settings: Any, address: str) -> None:
    settings.MAX_BYTES_IN_WORK = 10_000
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with admitted():
            weigh(9_000)
            inside.set()
            leave.wait()

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait()
    answer = Client().post(address, bytes(2_000), content_type="image/jpeg", headers=bearer(infer_token))
    leave.set()
    thread.join()
    assert_error(answer, "server-busy", 503)
    assert "memory" in answer.json()["message"]


@pytest.mark.django_db
def test_bad_requests_use_up_nothing(package: Any, infer_token: str, settings: Any) -> None:
    settings.MAX_IN_FLIGHT = 1
    address = f"/api/v1/models/{package.model.model_id}/infer"
    for body in (b"", b"no image", bytes(100)):
        answer = Client().post(address, body, content_type="image/jpeg", headers=bearer(infer_token))
        assert answer.status_code == 400


@pytest.mark.django_db
def test_a_full_server_says_so_and_still_answers_other_questions(
    package: Any, infer_token: str, settings: Any, image: bytes
) -> None:
    settings.MAX_IN_FLIGHT = 1
    address = f"/api/v1/models/{package.model.model_id}/infer"
    with admitted():
        answer = Client().post(address, image, content_type="image/jpeg", headers=bearer(infer_token))
        assert Client().get("/healthz").status_code == 200
    assert_error(answer, "server-busy", 503)
    assert answer.headers["Retry-After"] == "1"
