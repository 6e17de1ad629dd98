"""Who may do what in the admin: superusers everything, others what their memberships say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from registry.models import Membership

Role = Membership.Role
_RANKS = {Role.VIEWER: 1, Role.CURATOR: 2, Role.ADMIN: 3}
_CACHE = "_roles_by_workspace"


def person(request: HttpRequest) -> User:
    """Who is logged in: the pages of the admin let nobody else in."""
    return cast(User, request.user)


def roles_by_workspace(request: HttpRequest) -> Mapping[int, Role]:
    """The role of the person in each workspace that has them as a member: one query a request."""
    cached: dict[int, Role] | None = getattr(request, _CACHE, None)
    if cached is None:
        rows = Membership.objects.filter(user_id=person(request).pk).values_list("workspace_id", "role")
        cached = {workspace_id: Role(role) for workspace_id, role in rows}
        setattr(request, _CACHE, cached)
    return cached


def workspaces_with(request: HttpRequest, role: Role | None) -> set[int]:
    """Ids of the workspaces in which the person has at least ``role``; none for None, superusers' business."""
    if role is None:
        return set()
    return {pk for pk, held in roles_by_workspace(request).items() if _RANKS[held] >= _RANKS[role]}


def may(request: HttpRequest, role: Role | None, workspace_id: int | None = None) -> bool:
    """Whether the person has at least ``role`` in the workspace; in any workspace when none is named.

    A role of None stands for what only superusers do.
    """
    user = request.user
    if not (user.is_active and user.is_staff):
        return False
    if user.is_superuser:
        return True
    allowed = workspaces_with(request, role)
    return bool(allowed) if workspace_id is None else workspace_id in allowed


# For the navigation, which shows nobody a link that would refuse them.


def is_admin_somewhere(request: HttpRequest) -> bool:
    """Superusers and the admins of workspaces."""
    return may(request, Role.ADMIN)


def is_superuser(request: HttpRequest) -> bool:
    return may(request, None)
