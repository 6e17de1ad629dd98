"""Ranges and conditions of HTTP requests (RFC 9110, sections 13 and 14), for bytes that never change."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.http import parse_etags

from packages_app.errors import RangeNotSatisfiable

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?P<first>[0-9]*)[ \t]*-[ \t]*(?P<last>[0-9]*)[ \t]*", re.IGNORECASE)
# More digits than any file has bytes; longer numbers are read as this one.
_MAX_DIGITS = 18


@dataclass(frozen=True)
class ByteRange:
    """``length`` bytes from ``start``."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def requested_range(header: str, size: int) -> ByteRange | None:
    """The one range that the header Range asks of a file of ``size`` bytes, or None for the whole file.

    A header that is malformed, has another unit or asks for several ranges is ignored, as the standard
    allows. Raises RangeNotSatisfiable.
    """
    match = _RANGE.fullmatch(header)
    if match is None or not (match["first"] or match["last"]):
        return None
    if not match["first"]:
        suffix = min(_number(match["last"]), size)
        if suffix == 0:
            raise RangeNotSatisfiable
        return ByteRange(size - suffix, suffix)
    first = _number(match["first"])
    last = _number(match["last"]) if match["last"] else size - 1
    if match["last"] and last < first:
        return None
    if first >= size:
        raise RangeNotSatisfiable
    return ByteRange(first, min(last, size - 1) - first + 1)


def range_applies(if_range: str, etag: str) -> bool:
    """Whether the header If-Range lets the range stand: it is absent, or names exactly this ETag.

    A date never does: there is no Last-Modified to compare it with.
    """
    return not if_range or if_range.strip() == etag


def matches(header: str, etag: str, *, weakly: bool = False) -> bool:
    """Whether a list of ETags has ``etag``, or is `*`. If-None-Match compares weakly, If-Match does not."""
    candidates = parse_etags(header)
    if weakly:
        candidates = [candidate.removeprefix("W/") for candidate in candidates]
    return "*" in candidates or etag in candidates


def _number(digits: str) -> int:
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= _MAX_DIGITS else 10**_MAX_DIGITS
