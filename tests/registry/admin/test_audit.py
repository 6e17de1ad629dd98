from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from registry.models import AuditEvent
from registry.services import audit
from tests.admin_personas import HOSTILE

LIST = "/admin/registry/auditevent/"


def test_a_member_reads_the_trail_of_their_workspace_only(viewer: Client, alpha: Any, beta: Any) -> None:
    audit.record("thing.done", "in alpha", workspace=alpha)
    audit.record("thing.done", "in beta", workspace=beta)
    audit.record("thing.done", "in none")
    page = viewer.get(LIST).content.decode()
    assert "in alpha" in page
    assert "in beta" not in page
    assert "in none" not in page


def test_nobody_changes_or_deletes_the_trail(superuser: Client, alpha: Any) -> None:
    event = audit.record("thing.done", "subject", workspace=alpha)
    assert superuser.get(f"{LIST}{event.pk}/change/").status_code == 200
    assert superuser.post(f"{LIST}{event.pk}/change/", {"actor": "somebody"}).status_code == 403
    assert superuser.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert superuser.get(f"{LIST}add/").status_code == 403
    assert AuditEvent.objects.get().actor == "system"


def test_what_the_trail_says_is_text(superuser: Client, alpha: Any) -> None:
    event = audit.record(HOSTILE, HOSTILE, actor=audit.Actor(HOSTILE), workspace=alpha, reason=HOSTILE)
    for address in (LIST, f"{LIST}{event.pk}/change/"):
        page = superuser.get(address).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_the_list_takes_a_fixed_number_of_queries(superuser: Client, alpha: Any, count_queries: Any) -> None:
    audit.record("thing.done", "first", workspace=alpha)
    few = count_queries(superuser, LIST)
    for number in range(30):
        audit.record("thing.done", str(number), workspace=alpha)
    assert count_queries(superuser, LIST) == few


@pytest.mark.parametrize("value", ["", "x", "-1", "\u0663", "9" * 30, "9" * 5_000])
def test_a_workspace_that_was_not_offered_filters_nothing(viewer: Client, alpha: Any, value: str) -> None:
    audit.record("thing.done", "in alpha", workspace=alpha)
    response = viewer.get(LIST, {"workspace": value})
    assert response.status_code == 200
    assert "in alpha" in response.content.decode()


def test_it_filters_by_workspace(superuser: Client, alpha: Any, beta: Any) -> None:
    audit.record("thing.done", "in alpha", workspace=alpha)
    audit.record("thing.done", "in beta", workspace=beta)
    page = superuser.get(LIST, {"workspace": beta.pk}).content.decode()
    assert "in alpha" not in page
    assert "in beta" in page


def test_the_trail_finds_the_publications_of_a_model_by_its_id(viewer: Client, package: Any, make_model: Any) -> None:
    page = viewer.get(LIST, {"q": "shapes/1"}).content.decode()
    assert "package.published" in page
    assert package.package_id in page
    assert "package.published" not in viewer.get(LIST, {"q": "shapes/2"}).content.decode()


def test_the_trail_finds_an_alias_by_its_name(viewer: Client, alpha: Any) -> None:
    audit.record("alias.created", "latest", workspace=alpha, model="shapes/1")
    assert "alias.created" in viewer.get(LIST, {"q": "latest"}).content.decode()
