"""Workspaces and the people in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from registry.limits import NAME_LENGTH, SLUG_LENGTH


class Workspace(models.Model):
    """A team: the owner of models and tokens."""

    name = models.CharField(max_length=NAME_LENGTH)
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="workspaces")

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(slug=""), name="workspace_slug_not_blank"),
            models.CheckConstraint(condition=~models.Q(name=""), name="workspace_name_not_blank"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What one person may do in one workspace."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer: sees models and packages"
        CURATOR = "curator", "Curator: uploads and publishes"
        ADMIN = "admin", "Admin: also members, tokens and trust"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(
        max_length=10,
        choices=Role,
        default=Role.VIEWER,
        help_text="Members of any role who have the permission to mark packages as trusted may do that as well.",
    )

    class Meta:
        ordering = ["workspace", "user"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once_per_workspace"),
            models.CheckConstraint(
                condition=models.Q(role__in=["viewer", "curator", "admin"]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"
