from __future__ import annotations

import errno
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.test import Client
from django.urls import path
from redis.exceptions import ConnectionError as RedisConnectionError

from config.urls import handler500 as handler500
from config.urls import urlpatterns as real_urlpatterns
from registry.api.storage import storage_failure
from registry.errors import ModelNotFound, TooManyRequests
from tests.helpers import assert_error

SECRET_DETAIL = "/var/lib/weighbridge SELECT * FROM registry_accesstoken bucket-17"
RAISED: dict[str, Exception] = {}


def raising(request: Any) -> HttpResponse:
    if error := RAISED.get("error"):
        raise error
    return HttpResponse("<p>A page</p>")


urlpatterns = [path("raising", raising), *real_urlpatterns]


@pytest.fixture
def answer(settings: Any) -> Any:
    """Let a view raise an error, and return the answer."""
    settings.ROOT_URLCONF = __name__

    def ask(error: Exception | None = None, **headers: str) -> Any:
        RAISED.clear()
        if error is not None:
            RAISED["error"] = error
        client = Client(raise_request_exception=False)
        return client.get("/raising", headers={name.replace("_", "-"): value for name, value in headers.items()})

    return ask


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (ModelNotFound(), "model-not-found", 404),
        (Http404(SECRET_DETAIL), "not-found", 404),
        (SuspiciousOperation(SECRET_DETAIL), "invalid-request", 400),
        (MultiPartParserError(SECRET_DETAIL), "invalid-request", 400),
        (RequestDataTooBig(SECRET_DETAIL), "request-too-large", 413),
        (TooManyFilesSent(SECRET_DETAIL), "request-too-large", 413),
        (OperationalError(SECRET_DETAIL), "service-unavailable", 503),
        (InterfaceError(SECRET_DETAIL), "service-unavailable", 503),
        (OSError(5, SECRET_DETAIL), "service-unavailable", 503),
        (RedisConnectionError(SECRET_DETAIL), "service-unavailable", 503),
        (OSError(errno.ENOSPC, SECRET_DETAIL), "storage-full", 507),
        (OSError(errno.EDQUOT, SECRET_DETAIL), "storage-full", 507),
        (OperationalError("database or disk is full"), "storage-full", 507),
        (IntegrityError(SECRET_DETAIL), "internal-error", 500),
        (RuntimeError(SECRET_DETAIL), "internal-error", 500),
    ],
)
def test_whatever_a_view_raises_has_one_shape_and_tells_nothing(
    answer: Any, error: Exception, code: str, status: int
) -> None:
    response = answer(error)
    assert_error(response, code, status)
    for detail in SECRET_DETAIL.split():
        assert len(detail) < 5 or detail not in response.content.decode()
    assert "Traceback" not in response.content.decode()
    assert response.headers["Cache-Control"] == "no-store"
    assert ("Retry-After" in response.headers) == (status == 503)


def test_seconds_to_wait_become_a_header(answer: Any) -> None:
    assert answer(TooManyRequests(retry_after=7)).headers["Retry-After"] == "7"


@pytest.mark.parametrize("address", ["/nowhere", "/models/v1/external/weights/", "/api/v1/nowhere"])
@pytest.mark.django_db
def test_an_unknown_address_has_the_same_shape(address: str) -> None:
    assert_error(Client().get(address), "not-found", 404)


def test_every_answer_has_an_id(answer: Any) -> None:
    first, second = answer(), answer()
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert answer(ModelNotFound()).headers["X-Request-Id"]


def test_a_well_formed_id_is_taken_over_and_another_is_not(answer: Any) -> None:
    assert answer(X_Request_Id="trace-1").headers["X-Request-Id"] == "trace-1"
    for bad in ("a b", "x" * 65, "a\u00e9", '"><script>'):
        assert answer(X_Request_Id=bad).headers["X-Request-Id"] != bad


def test_pages_have_a_content_security_policy_and_no_referrer(answer: Any) -> None:
    headers = answer().headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_log_has_the_path_and_never_the_query(answer: Any, server_log: Any) -> None:
    Client().get("/raising?api_key=hidden-one&image=hidden-two")
    assert "path=/raising" in server_log.getvalue()
    assert "hidden" not in server_log.getvalue()


def test_the_log_of_a_request_has_its_id(answer: Any, server_log: Any) -> None:
    answer(RuntimeError("broken"), X_Request_Id="trace-2")
    lines = [line for line in server_log.getvalue().splitlines() if "unexpected error" in line]
    assert len(lines) == 1
    assert "trace-2" in lines[0]


def test_a_path_cannot_begin_a_line_of_the_log(answer: Any, server_log: Any) -> None:
    Client().get("/raising%0A2026-01-01T00:00:00Z%20forged%1b[2J")
    assert not [line for line in server_log.getvalue().splitlines() if line.startswith("2026-01-01T00:00:00Z")]
    assert "path=/raising%0A2026" in server_log.getvalue()
    assert "\x1b" not in server_log.getvalue()


@pytest.mark.parametrize(
    "path", ["/raising", "/api/v1/models", "/models/v1/external/weights", "/v2", "/info", "/admin/login/"]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.django_db
def test_pages_of_other_origins_may_read_nothing(answer: Any, path: str, method: str) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    response = Client(raise_request_exception=False).generic(method, path, headers=headers)
    assert [name for name in response.headers if name.lower().startswith("access-control-")] == []


def test_api_requests_have_no_session_and_the_admin_s_have(settings: Any) -> None:
    seen: dict[str, bool] = {}

    def look(request: Any) -> HttpResponse:
        seen[request.path] = hasattr(request, "session") and hasattr(request, "user")
        return HttpResponse()

    urlpatterns[:0] = [path("api/look", look), path("admin/look", look)]
    settings.ROOT_URLCONF = __name__
    try:
        for address in ("/api/look", "/admin/look"):
            Client().get(address)
    finally:
        del urlpatterns[:2]
    assert seen == {"/api/look": False, "/admin/look": True}


class FailingMiddleware:
    """As the middleware of sessions fails that writes to a full disk, after the view."""

    error: Exception = RuntimeError()

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        if request.path == "/raising":
            raise self.error
        return response


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (OperationalError("database or disk is full"), "storage-full", 507),
        (OSError(errno.EDQUOT, SECRET_DETAIL), "storage-full", 507),
        (OperationalError(SECRET_DETAIL), "service-unavailable", 503),
        (RuntimeError(SECRET_DETAIL), "internal-error", 500),
    ],
)
def test_what_a_middleware_raises_has_the_same_shape(
    answer: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, status: int
) -> None:
    monkeypatch.setattr(FailingMiddleware, "error", error)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.FailingMiddleware"]
    response = answer()
    assert_error(response, code, status)
    assert SECRET_DETAIL not in response.content.decode()


def test_a_full_disk_of_postgresql_is_told_apart() -> None:
    class DiskFull(Exception):
        sqlstate = "53100"

    error = OperationalError("could not extend file")
    error.__cause__ = DiskFull()
    failure = storage_failure(error)
    assert failure is not None
    assert failure.code == "storage-full"
