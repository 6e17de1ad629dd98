"""What the files of a package were when they were verified, so that a change is seen without reading them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

# Disks lose bytes without a trace as well: that is found only by reading them again.
VERIFIED_FOR_SECONDS = 24 * 3600.0


class Stamp(NamedTuple):
    """One file: its digest, and what the file system says of it. Whoever writes to it changes its last times."""

    sha256: str
    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int


@dataclass(frozen=True)
class Layout:
    """The files of a package in the cache by their handles, verified at a time of ``time.time()``."""

    files: Mapping[str, Stamp]
    verified: float

    @classmethod
    def of(cls, directory: Path, digests: Mapping[str, str]) -> Layout:
        """The layout of files that have these digests."""
        return cls({handle: Stamp(sha256, *_look_at(directory, handle)) for handle, sha256 in digests.items()}, _now())

    @classmethod
    def read(cls, marker: Path) -> Layout | None:
        """What was written down; None where nothing was, or nothing that makes sense."""
        try:
            content: Any = json.loads(marker.read_bytes())
            files = {str(handle): Stamp(*values) for handle, values in content["files"].items()}
            return cls(files, float(content["verified"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, marker: Path) -> None:
        """Write it down, all of it or nothing."""
        partial = marker.with_name(f".{marker.name}.{os.getpid()}")
        partial.write_text(json.dumps({"files": self.files, "verified": self.verified}, allow_nan=False))
        os.replace(partial, marker)

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 by handle."""
        return {handle: stamp.sha256 for handle, stamp in self.files.items()}

    @property
    def is_old(self) -> bool:
        """Whether the files should be read again, although they look as they did."""
        return not 0 <= _now() - self.verified < VERIFIED_FOR_SECONDS

    def changed(self, directory: Path) -> list[str]:
        """The handles of files that are not what they were when they were verified. Reads none of them."""
        return [handle for handle, stamp in self.files.items() if _look_at(directory, handle) != stamp[1:]]


def _look_at(directory: Path, handle: str) -> tuple[int, int, int, int]:
    try:
        # Every request asks: a Path takes longer to make than the file system to answer.
        found = os.stat(f"{directory}/{handle}")
    except OSError:
        return (-1, -1, -1, -1)
    return (found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns)


def _now() -> float:
    return time.time()
