"""Reading stored blobs, checking them, and removing those that nothing uses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from backends.layout import LOST
from packages_app.errors import BlobDamaged, BlobUnavailable
from packages_app.models import Blob, Package, PackageFile
from packages_app.models.blob import MD5_LENGTH, SHA256_LENGTH
from packages_app.services.stores import BLOCK_BYTES, blob_store
from packages_app.signals import blob_damaged

# Somebody may be about to use what just arrived: a draft is made after its files are uploaded.
GRACE = timedelta(hours=24)
KEYS_AT_ONCE = 500


def open_blob(blob: Blob) -> BinaryIO:
    """The bytes of ``blob`` as a binary file. Raises BlobUnavailable."""
    return blob_store().open(blob.storage_key)


def read_blob(blob: Blob, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Bytes of ``blob`` in blocks, from ``start``. Raises BlobUnavailable before the first block."""
    return blob_store().read(blob.storage_key, start, blob.size - start if length is None else length)


def read_whole(blob: Blob) -> Iterator[bytes]:
    """All bytes of ``blob`` in blocks. The last comes only if all of them have the digest of the blob.

    So a damaged file never arrives whole. Raises BlobUnavailable, and BlobDamaged: before the first block where the
    file has only one, otherwise in place of the last.
    """
    blocks = _checked(blob, read_blob(blob))
    return _resumed(next(blocks), blocks)


def _checked(blob: Blob, blocks: Iterator[bytes]) -> Iterator[bytes]:
    digest, held, left = hashlib.sha256(), b"", blob.size
    try:
        for block in blocks:
            if held:
                yield held
            digest.update(block)
            left -= len(block)
            held = block
    except OSError as error:
        if error.errno not in LOST:
            raise
        note_damage(blob)
        raise BlobDamaged from error
    if left:
        raise BlobUnavailable
    if digest.hexdigest() != blob.sha256:
        note_damage(blob)
        raise BlobDamaged
    yield held


def _resumed(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def local_path(blob: Blob) -> Path | None:
    """Where the bytes lie on this machine's disk; None where the store is elsewhere. Never write there."""
    return blob_store().local_path(blob.storage_key)


def is_stored(blob: Blob) -> bool:
    """Whether bytes of the right number are there: cheap, and blind to damage that keeps the size."""
    return blob_store().size(blob.storage_key) == blob.size


def is_intact(blob: Blob) -> bool:
    """Whether the stored bytes still have their digest: reads all of them."""
    if not is_stored(blob):
        return False
    digest = hashlib.sha256()
    with open_blob(blob) as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest() == blob.sha256


def bytes_used_by_none_but(package: Package) -> int:
    """The size of the files that ``package`` has and no other package."""
    others = PackageFile.objects.filter(blob=OuterRef("pk")).exclude(package=package)
    own = Blob.objects.filter(pk__in=package.files.values("blob")).exclude(Exists(others))
    total: int = own.aggregate(total=Sum("size", default=0))["total"]
    return total


def verify(blob: Blob) -> bool:
    """`is_intact`, and what it finds is noted. Raises BlobUnavailable where a store does not answer."""
    try:
        intact = is_intact(blob)
    except BlobUnavailable:
        if is_stored(blob):
            raise
        intact = False
    except OSError as error:
        if error.errno not in LOST:
            raise
        intact = False
    if intact:
        note_whole(blob)
    else:
        note_damage(blob)
    return intact


def note_damage(blob: Blob) -> None:
    """The stored bytes were found to be others, or gone: nobody gets them until they are whole again."""
    Blob.objects.filter(pk=blob.pk, damaged_at=None).update(damaged_at=timezone.now())
    blob_damaged.send(sender=Blob, sha256=blob.pk)


def note_whole(blob: Blob) -> None:
    """The stored bytes were found to be those that were received."""
    Blob.objects.filter(pk=blob.pk, damaged_at__isnull=False).update(damaged_at=None)
    blob.damaged_at = None


def delete_unused(*, grace: timedelta = GRACE) -> int:
    """Remove blobs that no package uses and that did not arrive lately; return how many.

    Each row stays locked until its bytes are gone, so that an upload of the same bytes waits and stores
    them anew.
    """
    oldest = timezone.now() - grace
    unused = Blob.objects.filter(files__isnull=True, received_at__lt=oldest)
    removed = 0
    for sha256 in list(unused.values_list("pk", flat=True)):
        with transaction.atomic():
            blob = Blob.objects.select_for_update().filter(pk=sha256, received_at__lt=oldest).first()
            if blob is None or blob.files.exists():
                continue
            key = blob.storage_key
            blob.delete()
            blob_store().delete(key)
            removed += 1
    return removed


def delete_unknown(*, grace: timedelta = GRACE) -> int:
    """Remove stored bytes that no row speaks of and that did not come lately; return how many.

    An upload that was killed leaves them: the bytes get their name before the row is committed.
    """
    store = blob_store()
    oldest = timezone.now() - grace
    removed = store.sweep(oldest)
    keys = (key for key, modified in store.stored() if modified < oldest)
    while batch := list(islice(keys, KEYS_AT_ONCE)):
        by_digest = {key[-SHA256_LENGTH:]: key for key in batch}
        known = set(Blob.objects.filter(pk__in=by_digest).values_list("pk", flat=True))
        removed += sum(_delete_unknown(sha256, key) for sha256, key in by_digest.items() if sha256 not in known)
    return removed


def _delete_unknown(sha256: str, key: str) -> bool:
    """A row of the same digest stands in the way of an upload of these bytes until they are gone."""
    try:
        with transaction.atomic():
            placeholder = Blob.objects.create(sha256=sha256, md5="0" * MD5_LENGTH, size=0)
            blob_store().delete(key)
            placeholder.delete()
    except IntegrityError:
        return False  # they were uploaded again just now
    return True
