"""Blobs: the bytes of one file, stored once under their SHA-256."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Length, Lower
from django.utils import timezone

models.CharField.register_lookup(Length)

SHA256_LENGTH = 64
MD5_LENGTH = 32


class Blob(models.Model):
    """A row exists only for bytes that arrived whole; intake alone creates it. Digests and size never change."""

    sha256 = models.CharField(primary_key=True, max_length=SHA256_LENGTH)
    md5 = models.CharField(max_length=MD5_LENGTH, db_index=True)
    size = models.BigIntegerField(help_text="Bytes.")
    # Moves on when the same bytes arrive again: what arrived lately is about to be used, and is not collected.
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    # When the stored bytes were found to be others, or gone; None again once they are found whole.
    damaged_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__length=SHA256_LENGTH), name="blob_sha256_length"),
            models.CheckConstraint(condition=models.Q(md5__length=MD5_LENGTH), name="blob_md5_length"),
            # Clients refuse an upper-case MD5 before they download anything.
            models.CheckConstraint(condition=models.Q(sha256=Lower("sha256")), name="blob_sha256_lower_case"),
            models.CheckConstraint(condition=models.Q(md5=Lower("md5")), name="blob_md5_lower_case"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="blob_size_not_negative"),
        ]

    def __str__(self) -> str:
        return self.sha256

    @property
    def storage_key(self) -> str:
        """Where the bytes lie in the blob storage: `ab/cd/<sha256>`."""
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"
