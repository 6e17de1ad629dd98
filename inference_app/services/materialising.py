"""Laying a package out on the local disk, for the model host to read.

The cache has three parts: `blobs/<sha256>`, each file once however many packages share it, `packages/<key>/`,
directories of hard links to them, and `packages/<key>.prepared/`, what a trial or the model host prepared of them for
this machine. Blobs on the same file system are linked rather than copied. Beyond MODEL_CACHE_BYTES the packages that
were not used for longest go first, with what was prepared of them.

Bytes are verified when they enter the cache, when a file is not what it was then (`layout.py`), and once a day.
What is damaged goes, with every package that has it, and the host loads these anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from backends.layout import LOST, Layout, has_digest
from backends.trial import preparation
from inference_app.errors import CacheFull
from inference_app.services import hosts
from packages_app.errors import BlobDamaged
from packages_app.models import Blob, Package, PackageFile
from packages_app.services import blobs
from registry.api.storage import DISK_FULL
from registry.errors import StorageFull

CHUNK = 1024 * 1024


class _SourceDamaged(Exception):
    """The stored bytes of ``blob`` are damaged, or gone."""

    def __init__(self, blob: Blob) -> None:
        super().__init__(blob.pk)
        self.blob = blob


def materialise(package: Package) -> Path:
    """The directory that holds the package's files under their handles, all of them verified.

    Calls for one package by several threads and processes give the same directory, made once.
    Raises BlobDamaged, BlobUnavailable, CacheFull and StorageFull; then nothing of the package is in the cache.
    """
    directory = _directory(package)
    if _is_as_verified(directory):
        return directory
    files = list(package.files.select_related("blob"))
    if sum(_sizes(files).values()) > settings.MODEL_CACHE_BYTES:
        raise CacheFull
    dropped: set[str] = set()
    try:
        with _lock():
            _take_over_tried(package, directory)
            if not _is_verified_anew(directory, dropped):
                _lay_out(directory, files, dropped)
    except _SourceDamaged as error:
        blobs.note_damage(error.blob)
        raise BlobDamaged from error
    finally:
        hosts.load_anew(dropped)
    return directory


def preparation_folder(directory: Path) -> Path:
    """Where what is prepared of a package lies, or will: it goes when the package's files do."""
    return Path(f"{directory}.prepared")


def is_intact(package: Package) -> bool:
    """Whether the package's files in the cache are whole: reads them again. What is damaged goes."""
    return _verify_copies(_directory(package))


def forget(package: Package) -> None:
    """Remove one package from the cache, and what no other has of its files."""
    with _lock():
        _remove(_directory(package))
        _drop_unlinked_blobs()


def forget_blob(sha256: str) -> None:
    """Remove a blob from the cache, with every package that has it: its bytes were found damaged."""
    if not _root().is_dir():
        return
    with _lock():
        dropped = _drop(sha256)
    hosts.load_anew(dropped)


def verify_all() -> int:
    """Read everything in the cache again; how many packages had a damaged file, which are gone now."""
    return sum(not _verify_copies(marker.with_suffix("")) for marker in (_root() / "packages").glob("*.complete"))


# What this process knows of the directories that it uses: not every request shall read a marker.
_known: dict[Path, Layout] = {}
_one_at_a_time = threading.Lock()


def _marker(directory: Path) -> Path:
    return Path(f"{directory}.complete")


def _is_as_verified(directory: Path) -> bool:
    """Whether the package is in the cache, and no file of it has changed; it counts as used now."""
    marker = _marker(directory)
    layout = _known.get(directory)
    if layout is None or layout.changed(directory):
        layout = Layout.read(marker)
        if layout is None or layout.changed(directory):
            return False
        _known[directory] = layout
    if not _touched(marker):
        return False
    if layout.is_old and _one_at_a_time.acquire(blocking=False):
        threading.Thread(target=_verify_aside, args=(directory,), name="cache-verifier", daemon=True).start()
    return True


def _verify_aside(directory: Path) -> None:
    try:
        _verify_copies(directory)
    finally:
        # What another process verified counts too.
        _known.pop(directory, None)
        _one_at_a_time.release()


def _verify_copies(directory: Path) -> bool:
    layout = Layout.read(_marker(directory))
    if layout is None:
        return True
    seen = Layout.of(directory, layout.digests)
    damaged = _damaged(directory, layout, list(layout.files))
    dropped: set[str] = set()
    with _lock():
        for sha256 in damaged:
            dropped |= _drop(sha256)
        if not preparation.is_intact(preparation_folder(directory)):
            preparation.remove(preparation_folder(directory))
            dropped.add(directory.name)
        if not damaged and _marker(directory).exists() and not seen.changed(directory):
            seen.write(_marker(directory))
    hosts.load_anew(dropped)
    return not damaged


def _is_verified_anew(directory: Path, dropped: set[str]) -> bool:
    """Whether the package is in the cache and whole, now that its changed files were read again. The lock is held."""
    layout = Layout.read(_marker(directory))
    if layout is None:
        return False
    damaged = _damaged(directory, layout, layout.changed(directory))
    for sha256 in damaged:
        dropped |= _drop(sha256)
    if damaged:
        return False
    replace(Layout.of(directory, layout.digests), verified=layout.verified).write(_marker(directory))
    return True


def _damaged(directory: Path, layout: Layout, handles: Sequence[str]) -> set[str]:
    """The digests that files should have and do not have."""
    return {layout.files[handle].sha256 for handle in layout.damaged(directory, handles)}


def _drop(sha256: str) -> set[str]:
    """Remove a blob and the packages that have it; returns their ids. The lock is held."""
    (_root() / "blobs" / sha256).unlink(missing_ok=True)
    dropped = set()
    for marker in (_root() / "packages").glob("*.complete"):
        layout = Layout.read(marker)
        if layout is None or sha256 in layout.digests.values():
            _remove(marker.with_suffix(""))
            dropped.add(marker.stem)
    return dropped


def _lay_out(directory: Path, files: Sequence[PackageFile], dropped: set[str]) -> None:
    """The lock is held."""
    _remove(directory)
    _remove_leftovers()
    _make_room(files)
    directory.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=directory.parent))
    try:
        for file in files:
            target = partial / file.handle
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(_cached_blob(file.blob, dropped), target)
        partial.rename(directory)
        Layout.of(directory, {file.handle: file.blob.sha256 for file in files}).write(_marker(directory))
    except BaseException as error:
        _remove_leftovers()
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            raise StorageFull from error
        raise


def _root() -> Path:
    root: Path = settings.MODEL_CACHE_DIR
    return root


def _directory(package: Package) -> Path:
    """Where the package is laid out. Before its publication, when it has no id, that is by its files alone."""
    return _root() / "packages" / package.package_id if package.package_id else _tried(package)


def _tried(package: Package) -> Path:
    content = sorted(package.files.values_list("handle", "blob_id"))
    return _root() / "packages" / f"tried-{hashlib.sha256(repr(content).encode()).hexdigest()[:32]}"


def _take_over_tried(package: Package, directory: Path) -> None:
    """Give a published package the files with which it was tried, so that none is read again. The lock is held."""
    if not package.package_id or _marker(directory).exists():
        return
    tried = _tried(package)
    if _marker(tried).exists() and tried.is_dir():
        _remove(directory)
        tried.rename(directory)
        with suppress(FileNotFoundError):
            preparation_folder(tried).rename(preparation_folder(directory))
        # Last: a directory without its marker is a leftover.
        _marker(tried).rename(_marker(directory))


def _touched(marker: Path) -> bool:
    """Note that a package is used now; False if it is not in the cache."""
    try:
        os.utime(marker)
    except FileNotFoundError:
        return False
    return True


def _cached_blob(blob: Blob, dropped: set[str]) -> Path:
    cached = _root() / "blobs" / blob.sha256
    if cached.exists():
        if has_digest(cached, blob.sha256):
            return cached
        dropped |= _drop(blob.sha256)
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
            raise _SourceDamaged(blob)
        if blob.damaged_at is not None:
            blobs.note_whole(blob)
        entering.rename(cached)
    except OSError as error:
        if error.errno not in LOST:
            raise
        raise _SourceDamaged(blob) from error
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
        if sum(cached.values()) + _prepared_bytes() + missing <= settings.MODEL_CACHE_BYTES:
            return
        # A host that has the package loaded keeps its memory; the files return when they are needed.
        _remove(marker.with_suffix(""))
        _drop_unlinked_blobs()


def _prepared_bytes() -> int:
    return sum(path.stat().st_size for path in (_root() / "packages").glob("*.prepared/*"))


def _remove(directory: Path) -> None:
    directory.with_suffix(".complete").unlink(missing_ok=True)
    preparation.remove(preparation_folder(directory))
    shutil.rmtree(directory, ignore_errors=True)


def _remove_leftovers() -> None:
    """Remove what has no marker: the work of a process that ended in the middle, or was refused."""
    for entry in (_root() / "packages").glob("*"):
        # What the model host prepares at this moment belongs to a package, although its name is not yet its own.
        package = entry.name.removeprefix(".").partition(".")[0]
        if entry.suffix != ".complete" and not _marker(entry.with_name(package)).exists():
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
