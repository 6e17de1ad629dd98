"""The pages for people that need no login."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from registry.errors import explanations
from tests.helpers import assert_error

pytestmark = pytest.mark.django_db


def test_the_error_reference_lists_every_code(client: Client) -> None:
    page = client.get("/help/errors/").content.decode()
    assert [code for code in explanations() if f'href="/help/errors/{code}"' not in page] == []


def test_every_code_has_a_page_that_says_what_to_do(client: Client) -> None:
    for code, entry in explanations().items():
        response = client.get(f"/help/errors/{code}")
        assert response.status_code == 200, code
        assert f"HTTP {entry.status}" in response.content.decode(), code


def test_an_unknown_code_is_told_as_such(client: Client) -> None:
    response = client.get("/help/errors/no-such-code")
    assert response.status_code == 404
    assert "no-such-code" in response.content.decode()


def test_an_address_of_people_that_leads_nowhere_answers_a_page(client: Client) -> None:
    response = client.get("/help/errors/no/such/page")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_the_first_page_leads_to_the_admin_the_api_and_the_errors(client: Client) -> None:
    page = client.get("/").content.decode()
    for address in ("/admin/", "/api/docs", "/help/errors/"):
        assert f'href="{address}"' in page


def test_who_may_not_do_something_is_told_why(client: Client, django_user_model: type) -> None:
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    response = client.get("/admin/registry/workspace/add/")
    assert response.status_code == 403
    assert "You may not do this" in response.content.decode()


def test_a_defect_in_the_admin_shows_nothing_of_itself(
    client: Client, django_user_model: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.admin.workspace import WorkspaceAdmin

    def fail(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(WorkspaceAdmin, "get_queryset", fail)
    client.force_login(django_user_model.objects.create_superuser("root"))
    client.raise_request_exception = False
    response = client.get("/admin/registry/workspace/")
    assert response.status_code == 500
    assert "the secret" not in response.content.decode()
    assert "Something went wrong in the server" in response.content.decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize(
    "address", ["/", "/healthz", "/help/errors/", "/help/errors/not-found", "/api/docs", "/static/page.css"]
)
def test_a_method_that_a_page_does_not_answer_is_refused_in_the_one_shape(
    settings: Any, tmp_path: Path, address: str, method: str
) -> None:
    (tmp_path / "page.css").write_text("body {}")
    settings.STATIC_ROOT = tmp_path
    assert_error(Client().generic(method, address), "method-not-allowed", 405)


@pytest.mark.parametrize("address", ["/", "/help/errors/", "/admin/login/", "/api/docs"])
def test_every_page_names_an_icon_that_is_there(client: Client, address: str) -> None:
    """Browsers ask for `/favicon.ico` otherwise, which is a warning in the log."""
    page = client.get(address).content.decode()
    icons = re.findall(r'<link rel="icon"[^>]* href="/static/([^"]+)"', page)
    assert icons
    assert [icon for icon in icons if finders.find(icon) is None] == []
