"""What a new installation gets by itself: an administrator, a workspace, a token, and the demo model."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from packages_app.services.pushing import push_directory
from registry.models import Membership, Workspace
from registry.services.audit import Actor
from registry.services.tokens import create_token

DEMO_MODEL_ID = "demo/shapes"
DEMO_WORKSPACE = "demo"
DEMO_PACKAGES = ("onnx-dynamic", "onnx-static")
ADMIN_NAME = "admin"
ACTOR = Actor(name="first start")


@dataclass(frozen=True)
class Credentials:
    """Shown once, on the first start, and kept nowhere in clear."""

    admin_name: str
    admin_password: str
    token: str


def prepare_first_start() -> Credentials | None:
    """Make everything that a new installation needs, or return None where there are users already."""
    users = get_user_model()
    if users.objects.exists():
        return None
    with transaction.atomic():
        password = secrets.token_urlsafe(12)
        admin = users.objects.create_superuser(username=ADMIN_NAME, password=password)
        workspace = Workspace.objects.create(slug=DEMO_WORKSPACE, name="Demo")
        Membership.objects.create(workspace=workspace, user=admin, role=Membership.Role.ADMIN)
        _, token = create_token(workspace, "first start", ["read", "infer"], created_by=admin, actor=ACTOR)
    for name in DEMO_PACKAGES:
        push_directory(
            settings.BASE_DIR / "demo" / "packages" / name,
            model_id=DEMO_MODEL_ID,
            workspace=workspace,
            actor=ACTOR,
            public=True,
            trusted=True,
            publish=True,
        )
    return Credentials(ADMIN_NAME, password, token)
