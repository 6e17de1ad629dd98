"""The first bytes of a TensorRT engine: whether it is one, and which TensorRT built it.

Layout as NVIDIA's trtexec reads it: the tag "ftrt", a 32-bit serialisation version, and for version 0 the four parts
of TensorRT's own version as single bytes from byte 24 on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backends.errors import PackageDamaged

_TAG = b"ftrt"
_HEADER_BYTES = 28
_VERSION_AT = 24


@dataclass(frozen=True, slots=True)
class EngineHeader:
    """``version``: the TensorRT that built the engine, as (major, minor, patch, build); None if it does not say."""

    version: tuple[int, int, int, int] | None


def read_engine_header(path: Path) -> EngineHeader:
    """Reads the header. Raises PackageDamaged if the file cannot be read or is no engine."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except OSError:
        raise PackageDamaged("The package's TensorRT engine cannot be read.") from None
    if len(head) < _HEADER_BYTES or head[:4] != _TAG:
        raise PackageDamaged("The file is not a TensorRT engine, or it is damaged.")
    if int.from_bytes(head[4:8], "little") != 0:
        return EngineHeader(None)
    major, minor, patch, build = head[_VERSION_AT:_HEADER_BYTES]
    return EngineHeader((major, minor, patch, build))
