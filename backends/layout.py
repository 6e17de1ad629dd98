"""What the files of a package were when they were verified, so that a change is seen without reading them."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

LOST = frozenset({errno.ENOENT, errno.EIO})
"""What the system says of a file that is gone, or that its disk can no longer read."""

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
            return cls.from_json(json.loads(marker.read_bytes()))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, marker: Path) -> None:
        """Write it down, all of it or nothing."""
        partial = marker.with_name(f".{marker.name}.{os.getpid()}")
        partial.write_text(json.dumps(self.to_json(), allow_nan=False))
        os.replace(partial, marker)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"files": dict(self.files), "verified": self.verified}

    @classmethod
    def from_json(cls, document: Any) -> Layout:
        """What `to_json` made. Raises ValueError, TypeError, KeyError and AttributeError for anything else."""
        files = {str(handle): Stamp(*values) for handle, values in document["files"].items()}
        return cls(files, float(document["verified"]))

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

    def damaged(self, directory: Path, handles: Iterable[str]) -> list[str]:
        """Those of the files that have not the digests that they should have. Reads them. Raises OSError."""
        return [handle for handle in handles if not has_digest(directory / handle, self.files[handle].sha256)]

    def renewed(self, directory: Path) -> Layout:
        """The same files as they look now, verified when they were."""
        return replace(Layout.of(directory, self.digests), verified=self.verified)


def has_digest(path: Path, sha256: str) -> bool:
    """Whether the file has this SHA-256. False too if it is gone or its disk cannot read it; raises other OSErrors."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError as error:
        if error.errno not in LOST:
            raise
        return False


def _look_at(directory: Path, handle: str) -> tuple[int, int, int, int]:
    try:
        # Every request asks: a Path takes longer to make than the file system to answer.
        found = os.stat(f"{directory}/{handle}")
    except OSError:
        return (-1, -1, -1, -1)
    return (found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns)


def _now() -> float:
    return time.time()
