"""Workspaces, with their members on the same page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from registry.admin.roles import Role
from registry.admin.scoped import ScopedAdmin, ScopedInline
from registry.models import Membership, Workspace


class MembershipInline(ScopedInline):
    model = Membership
    workspace_path = "pk"
    role_to_add = role_to_change = role_to_delete = Role.ADMIN
    verbose_name = "member"
    verbose_name_plural = "members"
    readonly_fields = ["person"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")

    def get_fields(self, request: HttpRequest, obj: Workspace | None = None) -> list[str]:
        # The name alone for those who only read: as a field it would lead to the user's page, which is for superusers.
        return ["user" if self.has_change_permission(request, obj) else "person", "role"]

    @admin.display(description="user")
    def person(self, membership: Membership) -> str:
        return membership.user.get_username()

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "user":
            kwargs["queryset"] = get_user_model().objects.filter(is_active=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Workspace)
class WorkspaceAdmin(ScopedAdmin):
    noun = "workspace"
    workspace_path = "pk"
    role_to_add = role_to_delete = None
    role_to_change = Role.ADMIN
    list_display = ["name", "slug", "member_count", "model_count", "created_at"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        counts = {"member_total": Count("memberships", distinct=True), "model_total": Count("models", distinct=True)}
        return super().get_queryset(request).annotate(**counts)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Workspace | None = None) -> dict[str, Any]:
        # A slug in use stays what it is when the name changes.
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @admin.display(description="members", ordering="member_total")
    def member_count(self, workspace: Workspace) -> int:
        return workspace.member_total  # type: ignore[attr-defined]

    @admin.display(description="models", ordering="model_total")
    def model_count(self, workspace: Workspace) -> int:
        return workspace.model_total  # type: ignore[attr-defined]
