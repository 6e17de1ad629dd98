"""The workspace that a command names: found, or made on purpose, never by a typing error."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from registry.models import Workspace
from registry.services.workspaces import create_workspace, find_workspace, slugs_by_likeness

MAX_SLUGS_SHOWN = 10


def add_create_option(parser: ArgumentParser) -> None:
    parser.add_argument("--create-workspace", action="store_true", help="make the workspace if there is none yet")


def workspace_for(slug: str, *, create: bool) -> tuple[Workspace, bool]:
    """The workspace and whether it was made now. Without ``create`` a person at a terminal is asked.

    Raises CommandError where there is none and nobody wants it.
    """
    workspace = find_workspace(slug)
    if workspace is not None:
        return workspace, False
    known = _there_is_none(slug)
    if not create and not _wants(known):
        raise CommandError(f"{known} To make it, add --create-workspace.")
    try:
        return create_workspace(slug), True
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error


def existing_workspace(slug: str) -> Workspace:
    """Raises CommandError, with the slugs that there are, the closest first."""
    workspace = find_workspace(slug)
    if workspace is None:
        raise CommandError(_there_is_none(slug))
    return workspace


def _there_is_none(slug: str) -> str:
    slugs = slugs_by_likeness(slug)
    shown = ", ".join(slugs[:MAX_SLUGS_SHOWN]) + (", ..." if len(slugs) > MAX_SLUGS_SHOWN else "")
    return f"There is no workspace {slug}{f'; there are: {shown}' if slugs else ' yet'}."


def _wants(known: str) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    # On standard error: what is printed on the other one may be kept, such as a token.
    print(f"{known} Make it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
