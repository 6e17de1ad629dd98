"""Access tokens: what a client shows to be let in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Length

from registry.limits import NAME_LENGTH
from registry.models.workspace import Workspace

PREFIX_LENGTH = 10
DIGEST_LENGTH = 64

models.CharField.register_lookup(Length)


class Scope(models.TextChoices):
    READ = "read", "read: metadata and files"
    INFER = "infer", "infer: run models"
    PUBLISH = "publish", "publish: opens nothing yet"
    TRUST = "trust", "trust: opens nothing yet"
    ADMIN = "admin", "admin: load, unload and manage"


# Packages are uploaded, published and trusted in the admin and by `manage.py push`, by people and not by tokens.
OPEN_NOTHING_YET = frozenset({Scope.PUBLISH.value, Scope.TRUST.value})
NOTHING_YET = "Opens nothing yet: packages are uploaded and trusted in the admin, or by manage.py push."


class AccessToken(models.Model):
    """A token is ``wb_<prefix>_<secret>``. The prefix finds the row; of the secret only a keyed hash is kept.

    Scopes are columns, so that the database itself can refuse a token without any.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=NAME_LENGTH, help_text="Who or what uses this token.")
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True, editable=False)
    digest = models.CharField(max_length=DIGEST_LENGTH, editable=False)
    can_read = models.BooleanField("read", default=True)
    can_infer = models.BooleanField("infer", default=False)
    can_publish = models.BooleanField("publish", default=False)
    can_trust = models.BooleanField("trust", default=False)
    can_admin = models.BooleanField("admin", default=False)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: as the server's settings say. 0: no limit."
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL
    )

    class Meta:
        ordering = ["workspace", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(can_read=True)
                | models.Q(can_infer=True)
                | models.Q(can_publish=True)
                | models.Q(can_trust=True)
                | models.Q(can_admin=True),
                name="token_has_a_scope",
                violation_error_message="A token needs at least one scope.",
            ),
            models.CheckConstraint(condition=models.Q(prefix__length=PREFIX_LENGTH), name="token_prefix_length"),
            models.CheckConstraint(condition=models.Q(digest__length=DIGEST_LENGTH), name="token_digest_length"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (wb_{self.prefix}_…)"

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(scope.value for scope in Scope if self.allows(scope.value))

    def allows(self, scope: str) -> bool:
        """Whether the token has ``scope``, one of Scope's values."""
        return bool(getattr(self, f"can_{scope}"))
