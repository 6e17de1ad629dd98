"""PEP 440 versions, parsed once each."""

from __future__ import annotations

from functools import lru_cache

from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=4096)
def parse_version(text: str) -> Version:
    """The version that ``text`` spells. Raises ``packaging.version.InvalidVersion``."""
    return Version(text)


def is_version(text: str) -> bool:
    """Whether ``text`` is a PEP 440 version."""
    try:
        parse_version(text)
    except InvalidVersion:
        return False
    return True


@lru_cache(maxsize=4096)
def major_minor(text: str) -> tuple[int, int]:
    """The first two components of a version: ``36.4.3`` gives ``(36, 4)``."""
    version = parse_version(text)
    return version.major, version.minor


@lru_cache(maxsize=4096)
def equal_versions(one: str | None, other: str | None) -> bool:
    """Whether both are known and the same version, in whatever spelling: ``10.3`` equals ``10.3.0``."""
    return one is not None and other is not None and parse_version(one) == parse_version(other)


@lru_cache(maxsize=4096)
def is_older(one: str, other: str) -> bool:
    """Whether ``one`` comes before ``other`` in PEP 440 order."""
    return parse_version(one) < parse_version(other)
