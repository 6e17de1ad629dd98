"""Where the bytes of blobs lie: the local disk, or an object store through django-storages.

Both kinds take a file that is whole under a key and never show a part of one. Nothing outside of
`services` knows which of the two is in use.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.conf import settings
from django.core.files.storage import storages

from packages_app.errors import BlobUnavailable

BLOCK_BYTES = 1024 * 1024
# Of a download: one block for each client that is slow to take it lies in memory.
READ_BYTES = 256 * 1024
# Parts of a multipart upload; an object has at most 10,000 of them.
PART_BYTES = 64 * 1024 * 1024
REDIRECT_LIFETIME_SECONDS = 900
_ETAG = re.compile(r"[0-9a-f]{32}(-[0-9]+)?")
# As `Blob.storage_key` makes them; the bucket may hold other things too.
BLOB_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})")
_NO_SUCH_UPLOAD = frozenset({"404", "NoSuchUpload"})
_NOT_THERE = frozenset({"404", "NoSuchKey", "NotFound"})
_THERE_ALREADY = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})


class BlobStore(Protocol):
    """Bytes by key. Keys are made by `Blob.storage_key`, never by users."""

    def put(self, source: Path, key: str, *, replace: bool = False) -> None:
        """Store the file at ``source``, which is whole and on disk, under ``key``; ``source`` may be gone after.

        ``replace`` says that what is there now is damaged.
        """

    def size(self, key: str) -> int | None:
        """Bytes under ``key``, or None if there is nothing."""

    def open(self, key: str) -> BinaryIO:
        """A binary file, at its beginning. Raises BlobUnavailable."""

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """The bytes ``start`` to ``start + length`` in blocks. Raises BlobUnavailable, before the first block."""

    def local_path(self, key: str) -> Path | None:
        """The path of the bytes on this machine's disk, None where they lie elsewhere."""

    def delete(self, key: str) -> None:
        """Remove the bytes; nothing happens if there are none."""

    def stored(self) -> Iterator[tuple[str, datetime]]:
        """Every key of a blob under which there are bytes, and when they came there."""

    def sweep(self, before: datetime) -> int:
        """Remove what stores begun before then left unfinished, and return how many that were."""


class LocalStore:
    """Files below ``root``. They appear by renaming, so that a name never has less than all of its bytes.

    With ``for_group`` the group of ``root`` may read them, where another program delivers them; else nobody else may.
    """

    def __init__(self, root: Path, *, for_group: bool = False) -> None:
        self.root = root
        self.for_group = for_group

    def put(self, source: Path, key: str, *, replace: bool = False) -> None:
        # Always: it costs nothing.
        target = self.root / key
        self._make_folders(target.parent)
        self._give(source, 0o640 if self.for_group else 0o600)
        try:
            os.replace(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:  # the staging area is on another file system
                raise
            self._copy(source, target)
        _sync_folder(target.parent)

    def size(self, key: str) -> int | None:
        try:
            return (self.root / key).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, key: str) -> BinaryIO:
        try:
            return (self.root / key).open("rb")
        except FileNotFoundError as error:
            raise BlobUnavailable(retry_after=5) from error

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        file = self.open(key)
        file.seek(start)
        return _blocks(file, length)

    def local_path(self, key: str) -> Path | None:
        return self.root / key

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def stored(self) -> Iterator[tuple[str, datetime]]:
        for path in self.root.glob("??/??/*"):
            key = path.relative_to(self.root).as_posix()
            with contextlib.suppress(FileNotFoundError):
                if BLOB_KEY.fullmatch(key):
                    yield key, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def sweep(self, before: datetime) -> int:
        removed = 0
        for path in self.root.glob("??/??/.*.partial"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    removed += 1
        return removed

    def _give(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if self.for_group and path.stat().st_gid != (group := self.root.stat().st_gid):
            # Whoever is not in the group cannot give it anything; the bytes are stored all the same.
            with contextlib.suppress(PermissionError):
                os.chown(path, -1, group)

    def _make_folders(self, folder: Path) -> None:
        if folder.is_dir():
            return
        mode = 0o750 if self.for_group else 0o700
        self.root.mkdir(mode=mode, parents=True, exist_ok=True)
        for level in (folder.parent, folder):
            with contextlib.suppress(FileExistsError):
                level.mkdir(mode=mode)
                self._give(level, mode)
        # The names of new folders must survive a power cut as the file's own name does.
        for parent in (folder.parent, self.root):
            _sync_folder(parent)

    def _copy(self, source: Path, target: Path) -> None:
        partial = target.parent / f".{secrets.token_hex(8)}.partial"
        try:
            with source.open("rb") as incoming, partial.open("xb") as outgoing:
                shutil.copyfileobj(incoming, outgoing, BLOCK_BYTES)
                self._give(partial, 0o640 if self.for_group else 0o600)
                outgoing.flush()
                os.fsync(outgoing.fileno())
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)
        source.unlink(missing_ok=True)


class ObjectStore:
    """A bucket behind django-storages' S3Storage, which holds its address, credentials and prefix.

    An object appears whole or not at all. `If-None-Match: *` keeps a second upload of the same digest from
    replacing the first; a store that does not know the header replaces bytes by equal bytes.
    """

    def __init__(self, storage: Any) -> None:
        self.storage = storage

    @property
    def _client(self) -> Any:
        return self.storage.connection.meta.client

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self.storage.bucket_name, "Key": self._prefix() + key}

    def put(self, source: Path, key: str, *, replace: bool = False) -> None:
        size = source.stat().st_size
        stored = self._head(key)
        if stored is not None and not replace and stored["ContentLength"] == size and _has_content(stored, source):
            return
        # An object of other bytes is damage: it is replaced.
        condition = {"IfNoneMatch": "*"} if stored is None else {}
        with _unavailable_on_failure(accept=_THERE_ALREADY), source.open("rb") as file:
            if size <= PART_BYTES:
                self._client.put_object(Body=file, **self._object(key), **condition)
            else:
                self._put_parts(file, key, condition)

    def _put_parts(self, file: BinaryIO, key: str, condition: dict[str, str]) -> None:
        address = self._object(key)
        upload = self._client.create_multipart_upload(**address)["UploadId"]
        try:
            parts: list[dict[str, Any]] = []
            while block := file.read(PART_BYTES):
                number = len(parts) + 1
                part = self._client.upload_part(Body=block, PartNumber=number, UploadId=upload, **address)
                parts.append({"PartNumber": number, "ETag": part["ETag"]})
            self._client.complete_multipart_upload(
                UploadId=upload, MultipartUpload={"Parts": parts}, **address, **condition
            )
        except BaseException:
            with contextlib.suppress(Exception):
                self._client.abort_multipart_upload(UploadId=upload, **address)
            raise

    def size(self, key: str) -> int | None:
        found = self._head(key)
        return None if found is None else int(found["ContentLength"])

    def _head(self, key: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = None
        with _unavailable_on_failure(accept=_NOT_THERE):
            found = self._client.head_object(**self._object(key))
        return found

    def open(self, key: str) -> BinaryIO:
        with _unavailable_on_failure():
            file: BinaryIO = self._client.get_object(**self._object(key))["Body"]
        return file

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        if length == 0:
            return iter(())
        with _unavailable_on_failure():
            body = self._client.get_object(**self._object(key), Range=f"bytes={start}-{start + length - 1}")["Body"]
        return _blocks(body, length)

    def local_path(self, key: str) -> Path | None:
        return None

    def delete(self, key: str) -> None:
        with _unavailable_on_failure():
            self._client.delete_object(**self._object(key))

    def stored(self) -> Iterator[tuple[str, datetime]]:
        with _unavailable_on_failure():
            for page in self._client.get_paginator("list_objects_v2").paginate(**self._everything()):
                for entry in page.get("Contents", []):
                    key = entry["Key"].removeprefix(self._prefix())
                    if BLOB_KEY.fullmatch(key):
                        yield key, entry["LastModified"]

    def sweep(self, before: datetime) -> int:
        removed = 0
        with _unavailable_on_failure(accept=_NO_SUCH_UPLOAD):
            for page in self._client.get_paginator("list_multipart_uploads").paginate(**self._everything()):
                for upload in page.get("Uploads", []):
                    key = upload["Key"].removeprefix(self._prefix())
                    if BLOB_KEY.fullmatch(key) and upload["Initiated"] < before:
                        self._client.abort_multipart_upload(UploadId=upload["UploadId"], **self._object(key))
                        removed += 1
        return removed

    def _prefix(self) -> str:
        location = self.storage.location.strip("/")
        return f"{location}/" if location else ""

    def _everything(self) -> dict[str, str]:
        return {"Bucket": self.storage.bucket_name, "Prefix": self._prefix()}

    def signed_address(self, key: str, *, file_name: str) -> str:
        """A short-lived address of the object store itself, to which a download is sent on."""
        with _unavailable_on_failure():
            address: str = self._client.generate_presigned_url(
                "get_object",
                Params={
                    **self._object(key),
                    "ResponseContentType": "application/octet-stream",
                    "ResponseContentDisposition": f'attachment; filename="{file_name}"',
                },
                ExpiresIn=REDIRECT_LIFETIME_SECONDS,
            )
        return address


def blob_store() -> LocalStore | ObjectStore:
    """The store that the settings name."""
    if settings.BLOB_STORE == "local":
        return LocalStore(Path(settings.BLOB_ROOT), for_group=settings.BLOB_DELIVERY == "accel")
    return ObjectStore(storages["blobs"])


def _has_content(stored: dict[str, Any], source: Path) -> bool:
    """Whether an object's ETag is that of the file, as far as it says anything about the bytes.

    It is the MD5 where an object came in one piece, and that of the parts' MD5s where it came in several:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html. Parts of another size than ours give another one:
    then equal bytes replace each other.
    """
    etag = str(stored.get("ETag", "")).strip('"')
    if "kms" in str(stored.get("ServerSideEncryption", "")) or "SSECustomerAlgorithm" in stored:
        return True
    if not _ETAG.fullmatch(etag):
        return True
    with source.open("rb") as file:
        if "-" not in etag:
            return hashlib.file_digest(file, _md5).hexdigest() == etag
        parts = []
        while block := file.read(PART_BYTES):
            parts.append(_md5(block).digest())
    return f"{_md5(b''.join(parts)).hexdigest()}-{len(parts)}" == etag


def _md5(content: bytes = b"") -> Any:
    return hashlib.md5(content, usedforsecurity=False)


def _blocks(file: Any, length: int) -> Iterator[bytes]:
    """At most ``length`` bytes from where ``file`` stands; closes it at the end, or when nobody reads on."""
    with contextlib.closing(file):
        while length > 0 and (block := file.read(min(READ_BYTES, length))):
            length -= len(block)
            yield block


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _unavailable_on_failure(accept: frozenset[str] = frozenset()) -> Iterator[None]:
    """Turn failures of the object store into BlobUnavailable, except answers whose code is in ``accept``."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if str(error.response.get("Error", {}).get("Code")) not in accept:
            raise BlobUnavailable(retry_after=5) from error
    except BotoCoreError as error:
        raise BlobUnavailable(retry_after=5) from error
