"""File handles: the paths of a package's files inside the package, by the rules that clients enforce.

A client from 0.34 on refuses to load a package with a handle that breaks these rules; older ones do not
look, so whoever publishes must. One validator, for every door through which a handle comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_SEGMENT_LENGTH = 255
RESERVED_FIRST_SEGMENTS = frozenset({"model_config.json", "model_dependencies", "dependencies"})
"""Names that the client keeps for itself in a package's folder, in any case."""

WINDOWS_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))]
)
"""Names that Windows gives to devices, with any extension, in any case."""

_SEGMENT = re.compile(r"[A-Za-z0-9._-]+")


def handle_problem(handle: object) -> str | None:
    """What is wrong with a single handle, as the end of a sentence that begins with it; None if nothing is."""
    if not isinstance(handle, str):
        return "must be text"
    if not handle:
        return "must not be empty"
    if handle.startswith("/"):
        return "must be a relative path, without a slash in front"
    if handle.endswith("/"):
        return "must name a file, without a slash at the end"
    if "\\" in handle:
        return "must separate folders with /, not with a backslash"
    segments = handle.split("/")
    for segment in segments:
        if problem := _segment_problem(segment):
            return problem
    if segments[0].casefold() in RESERVED_FIRST_SEGMENTS:
        return f"must not begin with {segments[0]}, which the client keeps for itself"
    return None


def handle_problems(handles: Iterable[object]) -> list[str]:
    """Everything that is wrong with the handles of one package, each alone and all together.

    One sentence a problem, in the order of the handles; an empty list if clients accept them.
    """
    problems: list[str] = []
    spellings: dict[tuple[str, ...], tuple[str, ...]] = {}
    files: dict[tuple[str, ...], str] = {}
    folders: dict[tuple[str, ...], str] = {}
    for handle in handles:
        if problem := handle_problem(handle):
            problems.append(f"{_quoted(handle)} {problem}.")
        elif isinstance(handle, str):
            problems.extend(_collisions(handle, spellings, files, folders))
    return problems


def _segment_problem(segment: str) -> str | None:
    if not segment:
        return "must not contain an empty folder name"
    if segment in {".", ".."}:
        return f"must not contain the folder {segment}"
    if not _SEGMENT.fullmatch(segment):
        return "may contain only the letters A to Z and a to z, digits, and . _ - between slashes"
    if len(segment) > MAX_SEGMENT_LENGTH:
        return f"must not contain a name of more than {MAX_SEGMENT_LENGTH} characters"
    if segment.endswith("."):
        return "must not contain a name that ends with a dot"
    if segment.split(".", 1)[0].upper() in WINDOWS_DEVICES:
        return f"must not contain the name {segment}, which Windows gives to a device"
    if segment.startswith(".") and segment.casefold().endswith(".lock"):
        return f"must not contain the name {segment}, which the client uses for a lock"
    return None


def _collisions(
    handle: str,
    spellings: dict[tuple[str, ...], tuple[str, ...]],
    files: dict[tuple[str, ...], str],
    folders: dict[tuple[str, ...], str],
) -> list[str]:
    """Problems of a sound handle beside those before it. Records it in the three registers."""
    problems = []
    segments = tuple(handle.split("/"))
    path = tuple(segment.casefold() for segment in segments)
    for length in range(1, len(path) + 1):
        earlier = spellings.setdefault(path[:length], segments[:length])
        if earlier != segments[:length]:
            problems.append(
                f"{_quoted(handle)} differs from {_quoted('/'.join(earlier))} only in upper and lower case."
            )
            break
    for length in range(1, len(path)):
        folders.setdefault(path[:length], handle)
        if path[:length] in files:
            problems.append(f"{_quoted(handle)} lies in a folder of the same name as {_quoted(files[path[:length]])}.")
    if path in files and not problems:
        problems.append(f"{_quoted(handle)} is there twice.")
    if path in folders:
        problems.append(f"{_quoted(handle)} has the same name as the folder of {_quoted(folders[path])}.")
    files.setdefault(path, handle)
    return problems


def _quoted(handle: object) -> str:
    return repr(handle)[:120] if isinstance(handle, str) else "A file handle"
