"""Who inspects what on this machine: a file for each inspection, locked as long as its process lives.

The lock ends with the process, however that ends, and the file stays: so an inspection that was killed is told apart
from one that runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class Claims:
    """Primary keys of the packages that are being inspected, and of those whose inspection ended with its process."""

    alive: frozenset[int]
    dead: frozenset[int]


@contextlib.contextmanager
def claim(pk: int) -> Iterator[None]:
    """Claim the inspection of the package ``pk`` until the context ends. Others may claim it at the same time."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, descriptor = _locked_file(folder, pk)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def collect() -> Claims:
    """Look at all claims, and remove the files of the dead."""
    alive, dead = set(), set()
    for path in _folder().glob("*.claim"):
        pk = int(path.name.partition("-")[0])
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue  # that inspection ended just now
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
            dead.add(pk)
        except BlockingIOError:
            alive.add(pk)
        finally:
            os.close(descriptor)
    return Claims(frozenset(alive), frozenset(dead - alive))


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "inspections"


def _locked_file(folder: Path, pk: int) -> tuple[Path, int]:
    while True:
        path = folder / f"{pk}-{secrets.token_hex(8)}.claim"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # `collect` may have taken the file for a dead one before it was locked.
        if path.exists():
            return path, descriptor
        os.close(descriptor)
