"""Web pages of other origins."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from registry.checks import check_cors_origins

PAGE = "https://app.example"
BEFOREHAND = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}

pytestmark = pytest.mark.django_db


def allowed(response: Any) -> str | None:
    return response.headers.get("Access-Control-Allow-Origin")


def test_it_is_closed_unless_set() -> None:
    for method in ("GET", "OPTIONS"):
        response = Client().generic(method, "/healthz", headers={"Origin": PAGE, **BEFOREHAND})
        assert not any(name.startswith("Access-Control") for name in response.headers)


def test_an_origin_that_is_named_may_read(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = Client().get("/healthz", headers={"Origin": PAGE})
    assert allowed(response) == PAGE
    assert "Retry-After" in response.headers["Access-Control-Expose-Headers"]
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://app.example.evil", "http://app.example", "null", PAGE + ":444"])
def test_another_origin_may_not(settings: Any, origin: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = Client().get("/healthz", headers={"Origin": origin})
    assert allowed(response) is None
    assert "Origin" in response.headers["Vary"]
    assert allowed(Client().options("/healthz", headers={"Origin": origin, **BEFOREHAND})) is None


@pytest.mark.parametrize("address", ["/api/v1/models/a/b/infer", "/infer/object_detection", "/v2/models/a/b/infer"])
def test_a_browser_that_asks_beforehand_is_answered(settings: Any, address: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = Client().options(address, headers={"Origin": PAGE, **BEFOREHAND})
    assert response.status_code == 204
    assert allowed(response) == PAGE
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


def test_refusals_can_be_read_as_well(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    response = Client().get("/api/v1/environment", headers={"Origin": PAGE})
    assert response.status_code == 401
    assert allowed(response) == PAGE


def test_all_origins_may_be_allowed_and_never_cookies(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["*"]
    response = Client().get("/healthz", headers={"Origin": PAGE})
    assert allowed(response) == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_the_admin_stays_closed(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["*"]
    assert allowed(Client().get("/admin/login/", headers={"Origin": PAGE})) is None


@pytest.mark.parametrize("origin", ["app.example", "https://app.example/", "https://*.example", "ftp://a", ""])
def test_what_is_no_origin_is_told_at_the_start(settings: Any, origin: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [origin]
    assert [message.id for message in check_cors_origins(None)] == ["registry.E002"]


def test_origins_with_ports_and_addresses_are_taken(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["*", PAGE, "http://localhost:3000", "http://[::1]:8080"]
    assert check_cors_origins(None) == []
