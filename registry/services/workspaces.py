"""Workspaces as commands name them."""

from __future__ import annotations

from difflib import SequenceMatcher

from registry.models import Workspace


def find_workspace(slug: str) -> Workspace | None:
    return Workspace.objects.filter(slug=slug).first()


def create_workspace(slug: str) -> Workspace:
    """A workspace named as its slug. Raises ValidationError for what is no slug."""
    workspace = Workspace(slug=slug, name=slug)
    workspace.full_clean()
    workspace.save()
    return workspace


def slugs_by_likeness(slug: str) -> list[str]:
    """The slugs there are, those first that are most like ``slug``, which may be one of them with a typing error."""
    slugs = Workspace.objects.order_by("slug").values_list("slug", flat=True)
    return sorted(slugs, key=lambda known: -SequenceMatcher(None, slug.lower(), known).ratio())
