"""The permission to mark packages as trusted, beside the role of admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from packages_app.models import Package
from tests.admin_personas import answer_to, messages_of

CONFIRMED = {"confirm": "1"}


def address(package: Any, name: str = "trust") -> str:
    return f"/admin/packages_app/package/{package.pk}/{name}/"


@pytest.fixture
def draft(model: Any, make_package: Callable[..., Any]) -> Any:
    return make_package(model, state="draft", trusted=False)


@pytest.fixture
def permission(db: None) -> Permission:
    return Permission.objects.get(content_type__app_label="packages_app", codename="trust_package")


@pytest.fixture
def permitted(log_in: Callable[..., Any], alpha: Any, permission: Permission) -> Client:
    """A viewer of alpha with the permission."""
    client = log_in("permitted", (alpha, "viewer"))
    client.person.user_permissions.add(permission)
    return client


def test_a_member_of_any_role_may_trust_with_it(permitted: Client, draft: Any) -> None:
    assert address(draft) in permitted.get(address(draft, "change")).content.decode()
    assert messages_of(permitted.post(address(draft), answer_to(permitted, address(draft)), follow=True)) == [
        "Marked as trusted."
    ]
    assert Package.objects.get().trusted
    permitted.post(address(draft), answer_to(permitted, address(draft)))
    assert not Package.objects.get().trusted


def test_a_viewer_without_it_may_not(viewer: Client, draft: Any) -> None:
    assert address(draft) not in viewer.get(address(draft, "change")).content.decode()
    assert viewer.post(address(draft), CONFIRMED).status_code == 403
    assert not Package.objects.get().trusted


def test_it_gives_no_other_right(permitted: Client, draft: Any) -> None:
    for name in ("publish", "withdraw", "inspect", "purge"):
        assert permitted.post(address(draft, name), CONFIRMED).status_code == 403
    assert Package.objects.get().state == "draft"


def test_it_does_not_reach_into_other_workspaces(stranger: Client, permission: Permission, draft: Any) -> None:
    stranger.person.user_permissions.add(permission)
    assert stranger.post(address(draft), CONFIRMED).status_code == 404
    assert not Package.objects.get().trusted


def test_superusers_grant_it_and_are_offered_no_permission_without_an_effect(
    superuser: Client, viewer: Client, permission: Permission
) -> None:
    page = f"/admin/auth/user/{viewer.person.pk}/change/"
    form = superuser.get(page).context["adminform"].form
    assert list(form.fields["user_permissions"].queryset) == [permission]
    fields = {"username": "viewer", "is_active": "on", "is_staff": "on", "user_permissions": [permission.pk]}
    superuser.post(page, {**fields, "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"})
    assert list(viewer.person.user_permissions.all()) == [permission]
