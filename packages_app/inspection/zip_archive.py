"""Zip archives, read strictly: what one reader finds in a file every other must find there too.

PyTorch decides by the first bytes of a file whether it is a zip archive, and unpickles what is none; a zip archive is
found from its end. So a file with something before, between or behind its members may be two things at once. Here an
archive is nothing but its members, one behind the other, their directory, and the records of its end.

Checksums are not held against the contents: PyTorch can leave them out, and does not look at them.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LOCAL_HEADER = b"PK\x03\x04"
_CENTRAL_HEADER = b"PK\x01\x02"
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_DESCRIPTOR = b"PK\x07\x08"
_END_BYTES, _END_64_BYTES, _LOCATOR_BYTES, _LOCAL_BYTES, _CENTRAL_BYTES = 22, 56, 20, 30, 46
_MAX_DIRECTORY_BYTES = 64 * 1024**2
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _WITH_DESCRIPTOR = 0x1, 0x8
_ALL_ONES_16, _ALL_ONES_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_EXTRA = 1


class ArchiveProblem(Exception):
    """What is wrong with an archive, as the end of a sentence that begins with the file."""


@dataclass(frozen=True)
class Member:
    """``start`` is where the ``stored`` bytes of the contents lie, which are ``size`` bytes when unpacked."""

    name: str
    offset: int
    start: int
    stored: int
    size: int
    deflated: bool


@dataclass(frozen=True)
class _Entry:
    """A member as the directory has it."""

    name: bytes
    flags: int
    method: int
    stored: int
    size: int
    offset: int


class ZipArchive:
    """The members of ``path`` in the order in which they lie. Raises ArchiveProblem."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                self.members = _members(file, path.stat().st_size)
        except (struct.error, OverflowError, OSError):
            raise ArchiveProblem("is a damaged zip archive") from None

    def read(self, member: Member, limit: int) -> bytes | None:
        """The contents; None where they are more than ``limit`` bytes or cannot be unpacked."""
        if member.size > limit:
            return None
        with self.path.open("rb") as file:
            file.seek(member.start)
            content = file.read(min(member.stored, limit + 1024))
        if not member.deflated:
            return content if len(content) == member.size else None
        try:
            unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, member.size + 1)
        except zlib.error:
            return None
        return unpacked if len(unpacked) == member.size else None


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip archive, which is what PyTorch goes by."""
    with path.open("rb") as file:
        return file.read(len(LOCAL_HEADER)) == LOCAL_HEADER


def _members(file: BinaryIO, size: int) -> tuple[Member, ...]:
    directory_start, directory_size, count = _end(file, size)
    if directory_size > _MAX_DIRECTORY_BYTES:
        raise ArchiveProblem("has a larger directory than is taken")
    directory = _read(file, directory_start, directory_size)
    entries = sorted(_entries(directory, count), key=lambda entry: entry.offset)
    members = []
    position = 0
    for entry, following in zip(entries, [*(entry.offset for entry in entries[1:]), directory_start], strict=True):
        if entry.offset != position:
            raise ArchiveProblem(
                "holds something between the members of its zip archive"
                if position
                else "does not begin with its zip archive"
            )
        members.append(_member(file, entry, following))
        position = following
    if not members:
        raise ArchiveProblem("is an empty zip archive")
    return tuple(members)


def _end(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Where the directory begins, its bytes, and the number of its entries."""
    if size < _END_BYTES:
        raise ArchiveProblem("is not a zip archive")
    end = size - _END_BYTES
    record = _read(file, end, _END_BYTES)
    if record[:4] != _END or record[-2:] != b"\0\0":
        file.seek(0)
        begins = file.read(4) == LOCAL_HEADER
        raise ArchiveProblem(
            "is cut off, or holds something behind its zip archive" if begins else "is not a zip archive"
        )
    disk, directory_disk, here, count, directory_size, directory_start = struct.unpack("<4xHHHHII2x", record)
    if end >= _LOCATOR_BYTES and _read(file, end - _LOCATOR_BYTES, 4) == _LOCATOR_64:
        locator = end - _LOCATOR_BYTES
        offset, disks = struct.unpack("<8xQI", _read(file, locator, _LOCATOR_BYTES))
        end = locator - _END_64_BYTES
        if offset != end or disks > 1:
            raise ArchiveProblem("is a damaged zip archive")
        wide = _read(file, end, _END_64_BYTES)
        values = struct.unpack("<4xQ4xIIQQQQ", wide)
        if wide[:4] != _END_64 or values[0] != _END_64_BYTES - 12:
            raise ArchiveProblem("is a damaged zip archive")
        narrow = (disk, directory_disk, here, count, directory_size, directory_start)
        for small, large, ones in zip(narrow, values[1:], (*[_ALL_ONES_16] * 4, *[_ALL_ONES_32] * 2), strict=True):
            if small not in (large, ones):
                raise ArchiveProblem("is a zip archive whose two ends disagree")
        disk, directory_disk, here, count, directory_size, directory_start = values[1:]
    if disk or directory_disk or here != count or directory_start + directory_size != end:
        raise ArchiveProblem("does not begin with its zip archive, or holds something between its members")
    return directory_start, directory_size, count


def _entries(directory: bytes, count: int) -> list[_Entry]:
    entries = []
    position = 0
    while position < len(directory):
        fields = struct.unpack_from("<4s4xHH8xIIHHHH6xI", directory, position)
        signature, flags, method, stored, size, name_size, extra_size, comment_size, disk, offset = fields
        if signature != _CENTRAL_HEADER or disk:
            raise ArchiveProblem("is a damaged zip archive")
        name_start = position + _CENTRAL_BYTES
        extra_start = name_start + name_size
        position = extra_start + extra_size + comment_size
        if position > len(directory):
            raise ArchiveProblem("is a damaged zip archive")
        size, stored, offset = _wide(directory[extra_start : extra_start + extra_size], size, stored, offset)
        entries.append(_Entry(directory[name_start:extra_start], flags, method, stored, size, offset))
    if len(entries) != count:
        raise ArchiveProblem("is a damaged zip archive")
    return entries


def _wide(extra: bytes, *values: int) -> list[int]:
    """``values``, those that are all ones taken from the extra field of 64 bits, in their order."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        position += 4
        if kind == _ZIP64_EXTRA:
            wanted = sum(value == _ALL_ONES_32 for value in values)
            found = iter(struct.unpack_from(f"<{wanted}Q", extra[position : position + length]))
            return [next(found) if value == _ALL_ONES_32 else value for value in values]
        position += length
    return list(values)


def _member(file: BinaryIO, entry: _Entry, following: int) -> Member:
    """``following`` is where the next member or the directory begins."""
    if entry.flags & _ENCRYPTED or entry.method not in (_STORED, _DEFLATED):
        raise ArchiveProblem("has members that are encrypted or packed in an unusual way")
    header = _read(file, entry.offset, _LOCAL_BYTES)
    signature, flags, method, name_size, extra_size = struct.unpack("<4s2xHH16xHH", header)
    if (
        signature != LOCAL_HEADER
        or method != entry.method
        or (flags ^ entry.flags) & (_ENCRYPTED | _WITH_DESCRIPTOR)
        or _read(file, entry.offset + _LOCAL_BYTES, name_size) != entry.name
        or (entry.method == _STORED and entry.stored != entry.size)
    ):
        raise ArchiveProblem("is a zip archive whose members and directory disagree")
    start = entry.offset + _LOCAL_BYTES + name_size + extra_size
    if not _ends_at(file, entry, start + entry.stored, following):
        raise ArchiveProblem("holds something between the members of its zip archive")
    name = entry.name.decode("utf-8", "replace")
    return Member(name, entry.offset, start, entry.stored, entry.size, entry.method == _DEFLATED)


def _ends_at(file: BinaryIO, entry: _Entry, end: int, following: int) -> bool:
    """Whether nothing but the record of sizes that some writers add lies between ``end`` and ``following``."""
    gap = following - end
    if not entry.flags & _WITH_DESCRIPTOR or gap == 0:
        return gap == 0
    for marked, sizes in ((4, "II"), (4, "QQ"), (0, "II"), (0, "QQ")):
        layout = f"<{marked + 4}x{sizes}"
        if gap == struct.calcsize(layout):
            record = _read(file, end, gap)
            if marked and not record.startswith(_DESCRIPTOR):
                continue
            return struct.unpack(layout, record) == (entry.stored, entry.size)
    return False


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    content = file.read(size)
    if len(content) != size:
        raise ArchiveProblem("is a damaged zip archive")
    return content
