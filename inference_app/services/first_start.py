"""What a new installation gets by itself: a workspace, the demo model, an administrator and a token.

A start may be killed at any moment: the next one goes on. The credentials come last, and are made anew as long as
nobody has used them, since the start that made them may have ended before anybody saw them.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from packages_app.errors import AlreadyPublished
from packages_app.models import Package, State
from packages_app.services import drafting
from packages_app.services.push import push_directory
from registry.models import AccessToken, AuditEvent, Membership, Workspace
from registry.services import audit
from registry.services.audit import Actor
from registry.services.tokens import create_token, revoke_token

logger = structlog.get_logger("weighbridge.first-start")

DEMO_MODEL_ID = "demo/shapes"
DEMO_WORKSPACE = "demo"
DEMO_PACKAGES = ("onnx-dynamic", "onnx-static")
ADMIN_NAME = "admin"
TOKEN_NAME = "first start"
ACTOR = Actor(name="first start")
BEGUN, DONE = "demo.begun", "demo.published"


@dataclass(frozen=True)
class Credentials:
    """Shown once and kept nowhere in clear, unless nobody sees the output (`first_credentials`)."""

    admin_name: str
    admin_password: str
    token: str


def publish_demo() -> None:
    """Publish the demo model, or what an earlier start left of it to do; what fails is logged and tried again."""
    if not _demo_is_due():
        return
    try:
        workspace, _ = Workspace.objects.get_or_create(slug=DEMO_WORKSPACE, defaults={"name": "Demo"})
        audit.record(BEGUN, DEMO_MODEL_ID, actor=ACTOR, workspace=workspace)
        _remove_unfinished()
        for name in DEMO_PACKAGES:
            with suppress(AlreadyPublished):
                push_directory(
                    settings.BASE_DIR / "demo" / "packages" / name,
                    model_id=DEMO_MODEL_ID,
                    workspace=workspace,
                    actor=ACTOR,
                    public=True,
                    trusted=True,
                    publish=True,
                )
        audit.record(DONE, DEMO_MODEL_ID, actor=ACTOR, workspace=workspace)
    except Exception as error:
        # A server without the demo is worth more than none.
        logger.exception("the demo model was not published; the next start tries again", reason=str(error))


def demo_is_published() -> bool:
    return Package.objects.filter(model__model_id=DEMO_MODEL_ID, state=State.PUBLISHED).exists()


def make_credentials() -> Credentials | None:
    """An administrator and a token for whoever installs this; None once there is anybody else, or somebody came in."""
    users = get_user_model()
    with transaction.atomic():
        admin = users.objects.select_for_update().filter(username=ADMIN_NAME).first()
        if users.objects.exists() and not (admin and _nobody_has_come_in()):
            return None
        password = secrets.token_urlsafe(12)
        if admin is None:
            admin = users.objects.create_superuser(username=ADMIN_NAME, password=password)
        else:
            admin.set_password(password)
            admin.save(update_fields=["password"])
            for unused in _first_tokens():
                revoke_token(unused, actor=ACTOR)
        workspace, _ = Workspace.objects.get_or_create(slug=DEMO_WORKSPACE, defaults={"name": "Demo"})
        Membership.objects.get_or_create(workspace=workspace, user=admin, defaults={"role": Membership.Role.ADMIN})
        _, token = create_token(workspace, TOKEN_NAME, ["read", "infer"], created_by=admin, actor=ACTOR)
    return Credentials(ADMIN_NAME, password, token)


def somebody_has_logged_in() -> bool:
    return get_user_model().objects.exclude(last_login=None).exists()


def _first_tokens() -> list[AccessToken]:
    return list(AccessToken.objects.filter(name=TOKEN_NAME, created_by__username=ADMIN_NAME, revoked_at=None))


def _nobody_has_come_in() -> bool:
    """Whether there is only the administrator of the first start, whose password and token were never used."""
    tokens = _first_tokens()
    return (
        not get_user_model().objects.exclude(username=ADMIN_NAME, last_login=None).exists()
        and tokens != []
        and all(token.last_used_at is None for token in tokens)
    )


def _demo_is_due() -> bool:
    """Not where it was published once, even if somebody has removed it since, nor in installations without one."""
    if AuditEvent.objects.filter(action=DONE, subject=DEMO_MODEL_ID).exists():
        return False
    begun = AuditEvent.objects.filter(action=BEGUN, subject=DEMO_MODEL_ID).exists()
    return begun or not get_user_model().objects.exists()


def _remove_unfinished() -> None:
    """Remove the drafts of a start that was killed."""
    unfinished = Package.objects.filter(model__model_id=DEMO_MODEL_ID, created_by=ACTOR.name)
    for package in unfinished.exclude(state__in=[State.PUBLISHED, State.WITHDRAWN]):
        drafting.delete_draft(package, actor=ACTOR)
