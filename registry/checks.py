"""System checks of the registry: numbered, each with a hint that tells the fix."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection
from django.db.utils import DatabaseError

from registry.triggers import missing_triggers

MINIMUM_KEY_LENGTH = 32
# As browsers write it: in lower case, without the port that its scheme has anyway.
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


@register(Tags.security)
def check_secret_key(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= MINIMUM_KEY_LENGTH:
        return []
    return [
        Error(
            "SECRET_KEY is too short to protect tokens and download addresses.",
            hint=f"Set SECRET_KEY or SECRET_KEY_FILE to at least {MINIMUM_KEY_LENGTH} random characters, or unset "
            "it to have one made in the data directory.",
            id="registry.E001",
        )
    ]


@register(Tags.security)
def check_debug(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if not settings.DEBUG:
        return []
    return [
        Warning(
            "DEBUG is on: error pages show settings and code.",
            hint="Unset DEBUG on every machine that others can reach.",
            id="registry.W001",
        )
    ]


@register(Tags.security)
def check_cors_origins(app_configs: Any, **_: Any) -> list[CheckMessage]:
    return [
        Error(
            f"CORS_ALLOWED_ORIGINS holds {origin!r}, which no browser sends as an origin.",
            hint="Write origins as https://app.example or http://localhost:3000, without a path or a final slash; or "
            "* for all.",
            id="registry.E002",
        )
        for origin in settings.CORS_ALLOWED_ORIGINS
        if origin != "*" and not _ORIGIN.fullmatch(origin)
    ]


@register(Tags.database)
def check_triggers(app_configs: Any, databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Runs with `check --database default` and before `migrate`, when there may be no tables yet."""
    if not databases or connection.alias not in databases:
        return []
    try:
        if "registry_model" not in connection.introspection.table_names():
            return []
        missing = missing_triggers(connection)
    except DatabaseError:
        return []
    if not missing:
        return []
    return [
        Warning(
            f"The database lacks {len(missing)} of the triggers that keep published packages unchanged.",
            hint="Run `manage.py migrate`: it installs them each time.",
            id="registry.W002",
        )
    ]
