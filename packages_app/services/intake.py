"""The one door through which bytes come in, whatever they came by.

Bytes are hashed while they arrive, counted against the limit on each chunk, and kept under a random name in
the staging area. Only when they are whole, on disk and as announced do they get the name of their digest.
A crash at any point leaves at most a file in the staging area, which `sweep_staging` removes.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from packages_app.errors import (
    DigestMismatch,
    FileTooLarge,
    MalformedDigest,
    UploadTruncated,
    UppercaseDigest,
)
from packages_app.models import Blob
from packages_app.models.blob import MD5_LENGTH, SHA256_LENGTH
from packages_app.services import blobs
from packages_app.services.stores import LocalStore, blob_store
from registry.api.storage import DISK_FULL
from registry.errors import StorageFull

STAGED_NAME_START = "intake-"
# How many bytes may arrive before the free space is looked at again.
FREE_SPACE_INTERVAL = 64 * 1024 * 1024
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")


def receive(
    chunks: Iterable[bytes],
    *,
    limit: int | None = None,
    expected_size: int | None = None,
    expected_md5: str | None = None,
    expected_sha256: str | None = None,
) -> Blob:
    """Take all of ``chunks`` and return their blob. See Intake for the errors."""
    check_digests(md5=expected_md5, sha256=expected_sha256)
    with Intake(limit=limit, expected_size=expected_size) as intake:
        for chunk in chunks:
            intake.write(chunk)
        return intake.finish(expected_size=expected_size, expected_md5=expected_md5, expected_sha256=expected_sha256)


class Intake:
    """One file on its way in: `write` it piece by piece, then `finish`. Leaving the context early aborts it.

    ``limit`` is in bytes, MAX_FILE_BYTES if None. ``expected_size`` lets a file that could not be kept be
    refused before it is sent.

    `write` raises FileTooLarge and StorageFull; `finish` raises UploadTruncated, DigestMismatch,
    MalformedDigest, UppercaseDigest and BlobUnavailable. After an error nothing of the file is left.
    """

    def __init__(self, *, limit: int | None = None, expected_size: int | None = None) -> None:
        self.limit = settings.MAX_FILE_BYTES if limit is None else limit
        self.size = 0
        self._refuse_above_limit(expected_size or 0)
        self._root = Path(settings.STAGING_ROOT)
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_free_space(self._root, expected_size or 0)
        self._checked_at = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self._path = self._root / f"{STAGED_NAME_START}{secrets.token_hex(16)}"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.abort()

    def write(self, chunk: bytes) -> None:
        try:
            self._refuse_above_limit(self.size + len(chunk))
            if self.size + len(chunk) - self._checked_at >= FREE_SPACE_INTERVAL:
                _require_free_space(self._root, len(chunk))
                self._checked_at = self.size
            self._file.write(chunk)
        except OSError as error:
            self.abort()
            raise _as_storage_full(error) from error
        except BaseException:
            self.abort()
            raise
        self.size += len(chunk)
        self._md5.update(chunk)
        self._sha256.update(chunk)

    def finish(
        self,
        *,
        expected_size: int | None = None,
        expected_md5: str | None = None,
        expected_sha256: str | None = None,
    ) -> Blob:
        """Compare with what was announced, store, and return the blob. The same bytes twice give the same blob."""
        try:
            check_digests(md5=expected_md5, sha256=expected_sha256)
            if expected_size is not None and self.size != expected_size:
                raise UploadTruncated(f"{expected_size} bytes were announced and {self.size} arrived.")
            md5, sha256 = self._md5.hexdigest(), self._sha256.hexdigest()
            for name, expected, actual in (("MD5", expected_md5, md5), ("SHA-256", expected_sha256, sha256)):
                if expected is not None and not hmac.compare_digest(expected, actual):
                    raise DigestMismatch(f"The {name} of the file is not the one that was announced.")
            try:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                return _keep(self._path, Blob(sha256=sha256, md5=md5, size=self.size))
            except OSError as error:
                raise _as_storage_full(error) from error
        finally:
            self.abort()

    def abort(self) -> None:
        """Forget the file. Does nothing after `finish`."""
        with contextlib.suppress(OSError):  # what could not be flushed is thrown away anyhow
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _refuse_above_limit(self, size: int) -> None:
        if size > self.limit:
            raise FileTooLarge(f"The file is larger than {self.limit} bytes.")


def check_digests(*, md5: str | None = None, sha256: str | None = None) -> None:
    """Raises MalformedDigest or UppercaseDigest for digests that no client would take."""
    for name, digest, length in (("MD5", md5, MD5_LENGTH), ("SHA-256", sha256, SHA256_LENGTH)):
        if digest is None:
            continue
        if len(digest) != length or not _HEXADECIMAL.fullmatch(digest):
            raise MalformedDigest(f"The {name} is not {length} hexadecimal digits.")
        if digest != digest.lower():
            raise UppercaseDigest(f"The {name} has upper-case letters.")


def sweep_staging(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Remove whatever was left in the staging area, under any name; return how many files and folders that were.

    A folder stays as long as anything in it is younger.
    """
    removed = 0
    oldest = time.time() - older_than.total_seconds()
    for path in Path(settings.STAGING_ROOT).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # its upload ended just now
            if _last_change(path) >= oldest:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            removed += 1
    return removed


def _last_change(path: Path) -> float:
    """When ``path`` or anything below it was written last."""
    return max(each.lstat().st_mtime for each in (path, *path.rglob("*")))


def _keep(staged: Path, blob: Blob) -> Blob:
    """Give the staged file its name and its row.

    Both happen while the row is locked, as its removal does (blobs.delete_unused), so that neither can
    leave a row without bytes. An object store takes long: it gets the bytes before the lock, and is only
    looked at again under it. What is damaged there is replaced.
    """
    store, key = blob_store(), blob.storage_key
    if not isinstance(store, LocalStore):
        store.put(staged, key, replace=Blob.objects.filter(pk=blob.pk, damaged_at__isnull=False).exists())
    with transaction.atomic():
        kept = _touch(blob)
        if isinstance(store, LocalStore) or store.size(key) != blob.size:
            store.put(staged, key)
        blobs.note_whole(kept)
    return kept


def _touch(blob: Blob) -> Blob:
    """The row of ``blob``, made if there is none, and locked until the transaction ends."""
    while True:
        now = timezone.now()
        if Blob.objects.filter(pk=blob.sha256).update(received_at=now):
            return Blob.objects.get(pk=blob.sha256)
        try:
            with transaction.atomic():
                return Blob.objects.create(sha256=blob.sha256, md5=blob.md5, size=blob.size, received_at=now)
        except IntegrityError:
            if not Blob.objects.filter(pk=blob.sha256).exists():
                raise


def _require_free_space(folder: Path, coming: int) -> None:
    if shutil.disk_usage(folder).free - coming < settings.MIN_FREE_DISK_BYTES:
        raise StorageFull


def _as_storage_full(error: OSError) -> Exception:
    return StorageFull() if error.errno in DISK_FULL | {errno.EFBIG} else error
