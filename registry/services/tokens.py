"""Making and checking access tokens."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from registry.errors import InsufficientScope, InvalidToken, TokenExpired, TokenRevoked
from registry.models import AccessToken, Scope, Workspace
from registry.models.token import PREFIX_LENGTH
from registry.services import audit
from registry.services.lookups import Lookup

TOKEN_START = "wb_"
MAX_TOKEN_LENGTH = 200
# A row is written at most this often for a token in use: reading must not become writing.
LAST_USED_RESOLUTION = timedelta(minutes=1)
_PREFIX_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BY_PREFIX = Lookup(lambda prefix: AccessToken.objects.filter(prefix=prefix).order_by(), prefix=str)


@dataclass(frozen=True)
class Identity:
    """Who is asking: a checked token, or nobody (``token`` is None)."""

    token: AccessToken | None

    @property
    def workspace_id(self) -> int | None:
        return self.token.workspace_id if self.token else None

    def has(self, scope: str) -> bool:
        return self.token is not None and self.token.allows(scope)

    def require(self, scope: str) -> None:
        """Raises InsufficientScope unless the token has ``scope``."""
        if not self.has(scope):
            raise InsufficientScope(f"The access token lacks the scope `{scope}`.")


ANONYMOUS = Identity(token=None)


def create_token(
    workspace: Workspace,
    name: str,
    scopes: Iterable[str],
    *,
    expires_at: datetime | None = None,
    created_by: User | None = None,
    actor: audit.Actor | None = None,
) -> tuple[AccessToken, str]:
    """Create a token. The second value is the whole token: it is shown once and kept nowhere.

    Raises ValueError for an unknown scope or none.
    """
    wanted = set(scopes)
    unknown = wanted - set(Scope.values)
    if unknown or not wanted:
        raise ValueError(f"Scopes are {', '.join(Scope.values)}; at least one is needed.")
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(PREFIX_LENGTH))
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        token = AccessToken.objects.create(
            workspace=workspace,
            name=name,
            prefix=prefix,
            digest=_digest(secret, settings.SECRET_KEY),
            expires_at=expires_at,
            created_by=created_by,
            **{f"can_{scope}": scope in wanted for scope in Scope.values},
        )
        audit.record("token.created", token, actor=actor, workspace=workspace, scopes=sorted(wanted))
    return token, f"{TOKEN_START}{prefix}_{secret}"


def check_token(raw: str) -> Identity:
    """The identity behind a token that a client sent.

    Raises InvalidToken, TokenRevoked or TokenExpired. That a token is revoked or expired is told only to
    those who hold its secret.
    """
    if not raw.startswith(TOKEN_START) or len(raw) > MAX_TOKEN_LENGTH:
        raise InvalidToken
    prefix, _, secret = raw[len(TOKEN_START) :].partition("_")
    # What is not ASCII was not made here, and some of it no database takes.
    if len(prefix) != PREFIX_LENGTH or not secret or not raw.isascii() or "\x00" in raw:
        raise InvalidToken
    token = _BY_PREFIX.first(prefix=prefix)
    if token is None:
        raise InvalidToken
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    if not any(hmac.compare_digest(token.digest, _digest(secret, key)) for key in keys):
        raise InvalidToken
    require_in_force(token)
    _note_use(token)
    return Identity(token)


def require_in_force(token: AccessToken) -> None:
    """Raises TokenRevoked or TokenExpired for a token that no longer opens anything."""
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.expires_at is not None and token.expires_at <= timezone.now():
        raise TokenExpired


def revoke_token(token: AccessToken, *, actor: audit.Actor | None = None) -> None:
    """Revoke at once: requests, and download addresses that were made with the token, stop working."""
    with transaction.atomic():
        revoked = AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if revoked:
            audit.record("token.revoked", token, actor=actor, workspace=token.workspace)
    token.refresh_from_db(fields=["revoked_at"])


def _digest(secret: str, key: str) -> str:
    pepper = hashlib.sha256(b"registry.token:" + key.encode()).digest()
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def _note_use(token: AccessToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_RESOLUTION:
        with contextlib.suppress(OperationalError), _impatient():
            AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    """On SQLite, do not wait for another writer: the client of a reading request gives up after five seconds."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    sqlite = connection.connection
    (patience,) = sqlite.execute("PRAGMA busy_timeout").fetchone()
    sqlite.execute("PRAGMA busy_timeout = 100")
    try:
        yield
    finally:
        sqlite.execute(f"PRAGMA busy_timeout = {int(patience)}")
