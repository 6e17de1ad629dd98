"""The audit trail, to read."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from registry.admin.scoped import ScopedAdmin, WorkspaceFilter
from registry.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ScopedAdmin):
    noun = "audit"
    list_display = ["created_at", "actor", "action", "subject", "workspace"]
    list_display_links = ["created_at"]
    list_filter = [WorkspaceFilter, "created_at"]
    # Subjects of packages are their ids; the model that they belong to is among the details.
    search_fields = ["actor", "action", "subject", "request_id", "details__model"]
    search_help_text = "Search by person, action, model id, alias, package id or request id."
    fields = ["created_at", "actor", "action", "subject", "workspace", "request_id", "readable_details"]
    readonly_fields = fields
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        return super().get_queryset(request).select_related("workspace")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="details")
    def readable_details(self, event: AuditEvent) -> str:
        return format_html('<pre class="wb-pre">{}</pre>', json.dumps(event.details, indent=2, ensure_ascii=False))
