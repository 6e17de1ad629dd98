from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from registry.models import AuditEvent, Membership, Workspace

ADD = "/admin/registry/workspace/add/"
LIST = "/admin/registry/workspace/"


def form(name: str, slug: str, *members: tuple[int, int, str]) -> dict[str, Any]:
    """``members`` are (id of the membership or 0, id of the user, role)."""
    data: dict[str, Any] = {
        "name": name,
        "slug": slug,
        "memberships-TOTAL_FORMS": len(members),
        "memberships-INITIAL_FORMS": sum(1 for pk, _, _ in members if pk),
    }
    for number, (pk, user, role) in enumerate(members):
        prefix = f"memberships-{number}"
        data |= {f"{prefix}-id": pk or "", f"{prefix}-user": user, f"{prefix}-role": role}
    return data


def test_a_superuser_makes_a_workspace_with_its_members(superuser: Client) -> None:
    ann = User.objects.create_user("ann")
    superuser.post(ADD, form("Gamma", "gamma", (0, ann.pk, "curator")))
    assert Membership.objects.get(workspace__slug="gamma").role == "curator"
    assert AuditEvent.objects.filter(action="workspace.created", actor="root").exists()


def test_the_admin_of_a_workspace_adds_members(admin_of_alpha: Client, alpha: Any) -> None:
    ann = User.objects.create_user("ann")
    own = Membership.objects.get()
    data = form("Alpha", "alpha", (own.pk, own.user_id, "admin"), (0, ann.pk, "viewer"))
    admin_of_alpha.post(f"{LIST}{alpha.pk}/change/", data | {"memberships-0-workspace": alpha.pk})
    assert set(alpha.memberships.values_list("user__username", "role")) == {("alpha-admin", "admin"), ("ann", "viewer")}


def test_a_curator_does_not_make_themselves_admin(curator: Client, alpha: Any) -> None:
    own = Membership.objects.get()
    response = curator.post(f"{LIST}{alpha.pk}/change/", form("Alpha", "alpha", (own.pk, own.user_id, "admin")))
    assert response.status_code == 403
    assert Membership.objects.get().role == "curator"


def test_the_admin_of_one_workspace_neither_sees_nor_changes_another(admin_of_alpha: Client, beta: Any) -> None:
    assert "Beta" not in admin_of_alpha.get(LIST).content.decode()
    admin_of_alpha.post(f"{LIST}{beta.pk}/change/", form("Taken", "taken"))
    assert Workspace.objects.filter(name="Beta").exists()


def test_only_superusers_make_workspaces(admin_of_alpha: Client) -> None:
    assert admin_of_alpha.post(ADD, form("Gamma", "gamma")).status_code == 403


def test_only_superusers_see_users(admin_of_alpha: Client, superuser: Client) -> None:
    assert admin_of_alpha.get("/admin/auth/user/").status_code == 403
    assert superuser.get("/admin/auth/user/").status_code == 200


def test_a_superuser_makes_a_user_who_can_log_in_here(superuser: Client) -> None:
    page = superuser.get("/admin/auth/user/add/")
    assert page.status_code == 200
    password = "correct horse battery"
    data = {"username": "ann", "password1": password, "password2": password, "is_staff": "on"}
    superuser.post("/admin/auth/user/add/", {**data, "usable_password": "true"})
    assert User.objects.get(username="ann").is_staff
    assert password not in str(list(AuditEvent.objects.values()))


def test_the_list_takes_a_fixed_number_of_queries(superuser: Client, alpha: Any, count_queries: Any) -> None:
    few = count_queries(superuser, LIST)
    for number in range(20):
        Workspace.objects.create(name=f"W{number}", slug=f"w{number}")
    assert count_queries(superuser, LIST) == few
