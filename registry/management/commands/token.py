"""`manage.py token create|list|revoke`: access tokens without a browser."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from registry.management.workspaces import add_create_option, existing_workspace, workspace_for
from registry.models import AccessToken, Scope
from registry.models.token import NOTHING_YET, OPEN_NOTHING_YET
from registry.services.audit import Actor
from registry.services.tokens import create_token, revoke_token

ACTOR = Actor(name="manage.py token")


class Command(BaseCommand):
    help = "Create, list and revoke access tokens. A new token is printed once and kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="create a token and print it")
        create.add_argument("--workspace", required=True, help="slug of the workspace")
        add_create_option(create)
        create.add_argument(
            "--scopes",
            default="read,infer",
            help=f"of {', '.join(Scope.values)}; comma-separated; "
            f"{' and '.join(sorted(OPEN_NOTHING_YET))} open nothing yet",
        )
        create.add_argument("--name", default="command line", help="who or what uses the token")
        create.add_argument("--expires-in-days", type=int, help="how long it is valid; without: for ever")
        listing = actions.add_parser("list", help="list tokens, without their secrets")
        listing.add_argument("--workspace")
        revoke = actions.add_parser("revoke", help="revoke a token at once")
        revoke.add_argument("prefix", help="the part between `wb_` and the second underscore")

    def handle(self, *args: Any, **options: Any) -> None:
        {"create": self._create, "list": self._list, "revoke": self._revoke}[options["action"]](options)

    def _create(self, options: dict[str, Any]) -> None:
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        days = options["expires_in_days"]
        if days is not None and days <= 0:
            raise CommandError("--expires-in-days must be at least 1.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        try:
            with transaction.atomic():
                workspace, _ = workspace_for(options["workspace"], create=options["create_workspace"])
                _, raw = create_token(workspace, options["name"], scopes, expires_at=expires_at, actor=ACTOR)
        except ValueError as error:
            raise CommandError(str(error)) from error
        for scope in sorted(OPEN_NOTHING_YET.intersection(scopes)):
            # Beside the token, which a script reads from the output.
            self.stderr.write(f"{scope}: {NOTHING_YET}")
        self.stdout.write(raw)

    def _list(self, options: dict[str, Any]) -> None:
        tokens = AccessToken.objects.select_related("workspace")
        if options["workspace"]:
            tokens = tokens.filter(workspace=existing_workspace(options["workspace"]))
        for token in tokens:
            state = (
                "revoked" if token.revoked_at else f"expires {token.expires_at:%Y-%m-%d}" if token.expires_at else ""
            )
            scopes = ",".join(sorted(token.scopes))
            self.stdout.write(f"{token.prefix}  {token.workspace.slug}  {scopes}  {token.name}  {state}".rstrip())

    def _revoke(self, options: dict[str, Any]) -> None:
        token = AccessToken.objects.select_related("workspace").filter(prefix=options["prefix"]).first()
        if token is None:
            raise CommandError("There is no token with this prefix.")
        revoke_token(token, actor=ACTOR)
        self.stdout.write(f"Revoked {token}.")
