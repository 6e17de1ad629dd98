"""Writing the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from django.contrib.auth.models import User
from django.db import models

from registry.models import AccessToken, AuditEvent, Workspace


@dataclass(frozen=True)
class Actor:
    """Who acts: a person in the admin, a token over the API, or a command on the machine itself."""

    name: str
    user: User | None = None

    @classmethod
    def of_user(cls, user: User) -> Actor:
        return cls(name=user.get_username(), user=user)

    @classmethod
    def of_token(cls, token: AccessToken) -> Actor:
        return cls(name=f"token {token.name}")


SYSTEM = Actor(name="system")


def record(
    action: str,
    subject: models.Model | str,
    *,
    actor: Actor | None = None,
    workspace: Workspace | None = None,
    **details: Any,
) -> AuditEvent:
    """Add one row. Call it inside the transaction of what it speaks of, so that both happen or neither."""
    actor = actor or SYSTEM
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return AuditEvent.objects.create(
        action=action,
        subject=str(subject)[:320],
        actor=actor.name[:255],
        user=actor.user,
        workspace=workspace,
        details=details,
        request_id=request_id,
    )
