"""What a trial leaves for later loads: a note that the package ran here, and files to map where there are such.

They are good for nothing but what the note names: these files of the package, this version of the runtime, processor,
device and settings. Each prepared file is an inode of its own that nobody has open for writing, and appears whole: a
mapped file that is cut short would end the process that maps it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backends.layout import Layout
from negotiation.handles import handle_problem

_NOTE = "note.json"
# A child may be in other hands. Today's runtimes leave two files.
_MOST_FILES = 8
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Preparation:
    """The note. ``working_bytes``: memory that one run took beside the loaded network."""

    conditions: Mapping[str, str]
    source: Layout
    files: Layout
    working_bytes: int

    @classmethod
    def read(cls, folder: Path) -> Preparation | None:
        """The note in the folder; None if there is none, or none that makes sense."""
        try:
            content: Any = json.loads((folder / _NOTE).read_bytes())
            conditions = {str(name): str(value) for name, value in content["conditions"].items()}
            source, files = (Layout.from_json(content[name]) for name in ("source", "files"))
            return cls(conditions, source, files, int(content["working_bytes"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, folder: Path) -> None:
        """Leave the note in the folder, all of it or nothing."""
        content = {
            "conditions": dict(self.conditions),
            "source": self.source.to_json(),
            "files": self.files.to_json(),
            "working_bytes": self.working_bytes,
        }
        partial = folder / f".{_NOTE}.{os.getpid()}"
        partial.write_text(json.dumps(content, allow_nan=False))
        os.replace(partial, folder / _NOTE)


def find(folder: Path, package: Path, conditions: Mapping[str, str]) -> Preparation | None:
    """The preparation in the folder, if it was made under these conditions from the files that ``package`` has.

    Files that have changed since are read again, the prepared ones too: None if they are not what they were.
    """
    found = Preparation.read(folder)
    if found is None or dict(found.conditions) != dict(conditions):
        return None
    changed = found.source.changed(package), found.files.changed(folder)
    if any(changed):
        if found.source.damaged(package, changed[0]) or found.files.damaged(folder, changed[1]):
            return None
        found = replace(found, source=found.source.renewed(package), files=found.files.renewed(folder))
        with contextlib.suppress(OSError):
            found.write(folder)
    return found


def keep(
    made: Path, folder: Path, package: Path, *, conditions: Mapping[str, str], working_bytes: int, most_bytes: int
) -> None:
    """Copy what a child has ``made`` into the folder, with a note, in the place of what is there.

    Raises OSError where there is no room, and ValueError where the child left something that is no prepared file.
    """
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        names = sorted(os.listdir(made))
        if len(names) > _MOST_FILES or any(map(handle_problem, names)):
            raise ValueError("not prepared files")
        digests = {}
        for name in names:
            digests[name], size = _copied(made / name, partial / name, most_bytes)
            most_bytes -= size
        handles = [path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()]
        source = {handle: _digest(package / handle) for handle in handles}
        note = Preparation(dict(conditions), Layout.of(package, source), Layout.of(partial, digests), working_bytes)
        note.write(partial)
        remove(folder)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def is_intact(folder: Path) -> bool:
    """Whether the prepared files are what they were, if there are any: reads them again."""
    found = Preparation.read(folder)
    return found is None or not found.files.damaged(folder, found.files.files)


def remove(folder: Path) -> None:
    """Remove a preparation. A process that has its files mapped keeps them."""
    with contextlib.suppress(OSError):
        # Whoever looks meanwhile finds nothing.
        (folder / _NOTE).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _copied(source: Path, target: Path, most: int) -> tuple[str, int]:
    """Copy a plain file of at most ``most`` bytes to a new inode; its digest and size."""
    digest, size = hashlib.sha256(), 0
    with (
        open(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as original,
        open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as copy,
    ):
        if not stat.S_ISREG(os.fstat(original.fileno()).st_mode):
            raise ValueError("not a plain file")
        while chunk := original.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise ValueError("more bytes than memory may hold")
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
