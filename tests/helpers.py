"""What tests of several rooms share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def assert_error(response: Any, code: str, status: int) -> dict[str, Any]:
    """Check the one shape of errors, and that the page that explains the error is there. Returns the error."""
    from django.test import Client

    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert set(body) == {"error", "message"}
    error = body["error"]
    assert {"code", "message", "help_url", "request_id"} <= set(error) <= {
        "code", "message", "help_url", "request_id", "details",
    }  # fmt: skip
    assert error["code"] == code
    assert error["message"] == body["message"] != ""
    assert error["request_id"] == response.headers["X-Request-Id"]
    page = Client().get(urlsplit(error["help_url"]).path)
    assert page.status_code == 200, f"{error['help_url']} answers {page.status_code}"
    assert code in page.content.decode()
    return error


def bearer(token: str) -> dict[str, str]:
    """The header that carries ``token``."""
    return {"Authorization": f"Bearer {token}"}
