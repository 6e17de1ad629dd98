"""The audit trail: who did what, when. Rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from registry.models.workspace import Workspace


class AuditEvent(models.Model):
    """One thing that somebody did. The database refuses updates and deletions."""

    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    # No database constraint: the trail outlives what it speaks of.
    workspace = models.ForeignKey(
        Workspace, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="audit_events"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    actor = models.CharField(max_length=255, help_text="The user's name, the token's name, or the command.")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=320)
    details = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
