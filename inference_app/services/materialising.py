"""Laying a package out on the local disk, for the model host to read.

The cache has two parts: `blobs/<sha256>`, each file once however many packages share it, and
`packages/<key>/`, directories of hard links to them. Bytes are verified when they enter the cache; blobs on
the same file system are linked rather than copied. Beyond MODEL_CACHE_BYTES the packages that were not used
for longest go first.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from packages_app.errors import StorageFull
from packages_app.models import Blob, Package, PackageFile
from packages_app.services import blobs
from registry.errors import WeighbridgeError

CHUNK = 1024 * 1024


class BlobDamaged(WeighbridgeError):
    code = "blob-damaged"
    status = 503
    title = "A file of the package is damaged or missing in this server's storage"
    advice = (
        "The bytes in the storage do not have the digest under which they were stored. The operator restores "
        "them from a backup, or a curator publishes the package anew."
    )


class CacheFull(WeighbridgeError):
    code = "model-cache-full"
    status = 507
    title = "The package is larger than the model cache"
    advice = "The operator can give the cache more room with MODEL_CACHE_BYTES."


def materialise(package: Package) -> Path:
    """The directory that holds the package's files under their handles, all of them verified.

    Calls for one package by several threads and processes give the same directory, made once.
    Raises BlobDamaged, BlobUnavailable, CacheFull and StorageFull; then nothing of the package is in the cache.
    """
    directory = _directory(package)
    marker = Path(f"{directory}.complete")
    if _touched(marker):
        return directory
    files = list(package.files.select_related("blob"))
    if sum(_sizes(files).values()) > settings.MODEL_CACHE_BYTES:
        raise CacheFull
    with _lock():
        if marker.exists():
            return directory
        _remove_leftovers()
        _make_room(files)
        directory.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=directory.parent))
        try:
            for file in files:
                target = partial / file.handle
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(_cached_blob(file.blob), target)
            partial.rename(directory)
        except BaseException as error:
            _remove_leftovers()
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise StorageFull from error
            raise
        marker.touch()
    return directory


def forget(package: Package) -> None:
    """Remove one package from the cache, so that it is verified anew when it is needed again."""
    with _lock():
        _remove(_directory(package))
        # Its blobs too, even if other packages share them: these keep their links.
        for sha256 in package.files.values_list("blob_id", flat=True):
            (_root() / "blobs" / sha256).unlink(missing_ok=True)


def _root() -> Path:
    root: Path = settings.MODEL_CACHE_DIR
    return root


def _directory(package: Package) -> Path:
    """Where the package is laid out. Before its publication, when it has no id, that is by its files alone."""
    name = package.package_id
    if not name:
        content = sorted(package.files.values_list("handle", "blob_id"))
        name = "tried-" + hashlib.sha256(repr(content).encode()).hexdigest()[:32]
    return _root() / "packages" / name


def _touched(marker: Path) -> bool:
    """Note that a package is used now; False if it is not in the cache."""
    try:
        os.utime(marker)
    except FileNotFoundError:
        return False
    return True


def _cached_blob(blob: Blob) -> Path:
    cached = _root() / "blobs" / blob.sha256
    if cached.exists():
        return cached
    cached.parent.mkdir(parents=True, exist_ok=True)
    source = blobs.local_path(blob)
    entering = cached.with_suffix(f".{os.getpid()}")
    entering.unlink(missing_ok=True)
    try:
        if source is not None and _linked(source, entering):
            with entering.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        else:
            digest = _copied(blob, entering)
        if digest != blob.sha256:
            raise BlobDamaged
        entering.rename(cached)
    except FileNotFoundError as error:
        raise BlobDamaged from error
    finally:
        entering.unlink(missing_ok=True)
    return cached


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        # Another file system, or one without links.
        return False
    return True


def _copied(blob: Blob, target: Path) -> str:
    digest = hashlib.sha256()
    with blobs.open_blob(blob) as source, target.open("wb") as copy:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()


def _sizes(files: Sequence[PackageFile]) -> dict[str, int]:
    """Bytes by digest: a blob counts once, however many handles it has."""
    return {file.blob.sha256: file.blob.size for file in files}


def _make_room(files: Sequence[PackageFile]) -> None:
    """Remove the packages that were not used for longest, until what is missing of ``files`` fits."""
    markers = sorted((_root() / "packages").glob("*.complete"), key=lambda marker: marker.stat().st_mtime)
    for marker in markers:
        cached = {entry.name: entry.stat().st_size for entry in (_root() / "blobs").glob("*")}
        missing = sum(size for sha256, size in _sizes(files).items() if sha256 not in cached)
        if sum(cached.values()) + missing <= settings.MODEL_CACHE_BYTES:
            return
        # A host that has the package loaded keeps its memory; the files return when they are needed.
        _remove(marker.with_suffix(""))
        _drop_unlinked_blobs()


def _remove(directory: Path) -> None:
    directory.with_suffix(".complete").unlink(missing_ok=True)
    shutil.rmtree(directory, ignore_errors=True)


def _remove_leftovers() -> None:
    """Remove what has no marker: the work of a process that ended in the middle, or was refused."""
    for entry in (_root() / "packages").glob("*"):
        if entry.suffix != ".complete" and not entry.with_suffix(".complete").exists():
            shutil.rmtree(entry, ignore_errors=True)
    _drop_unlinked_blobs()


def _drop_unlinked_blobs() -> None:
    """Remove cached blobs that no package of the cache uses any more."""
    in_use = {path.stat().st_ino for path in (_root() / "packages").glob("*/**/*") if path.is_file()}
    for cached in (_root() / "blobs").glob("*"):
        if cached.stat().st_ino not in in_use:
            cached.unlink(missing_ok=True)


@contextmanager
def _lock() -> Iterator[None]:
    """One process at a time changes the cache."""
    _root().mkdir(parents=True, exist_ok=True)
    with (_root() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
