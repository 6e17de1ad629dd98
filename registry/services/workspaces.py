"""Workspaces as commands name them."""

from __future__ import annotations

from registry.models import Workspace


def workspace_named(slug: str) -> Workspace:
    """The workspace with this slug, made where there is none. Raises ValidationError for what is no slug."""
    workspace = Workspace.objects.filter(slug=slug).first()
    if workspace is None:
        workspace = Workspace(slug=slug, name=slug)
        workspace.full_clean()
        workspace.save()
    return workspace
