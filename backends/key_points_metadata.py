"""``keypoints_metadata.json``: which key points the instances of each class have, and which of them are joined.

One reader for the families that need it and for the inspection of packages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backends.errors import PackageConfigInvalid, PackageDamaged

FILE = "keypoints_metadata.json"
MAX_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class KeyPointsMetadata:
    """By class id: ``names`` of the key points in their order, ``skeletons`` of pairs of their numbers."""

    names: tuple[tuple[str, ...], ...]
    skeletons: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def places(self) -> int:
        """How many key points a network answers for each box: as many as the class with the most of them has."""
        return max(map(len, self.names), default=0)

    def select(self, classes: Sequence[int]) -> KeyPointsMetadata:
        """Some of the classes, whose ids are their numbers in this order then."""
        return KeyPointsMetadata(
            tuple(self.names[class_id] for class_id in classes), tuple(self.skeletons[class_id] for class_id in classes)
        )


def read_key_points_metadata(directory: Path, classes: int) -> KeyPointsMetadata:
    """The file of a package with so many class names.

    Raises PackageDamaged if it is missing, PackageConfigInvalid if it is wrong, with the first thing that is.
    """
    try:
        with (directory / FILE).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise PackageDamaged(f"The package has no readable {FILE}.") from None
    if len(data) > MAX_BYTES:
        raise PackageConfigInvalid(f"{FILE} is too large.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise PackageConfigInvalid(f"{FILE} is not valid JSON.") from None
    return parse_key_points_metadata(document, classes)


def parse_key_points_metadata(document: Any, classes: int) -> KeyPointsMetadata:
    """Reads the document. Raises PackageConfigInvalid.

    Names come in the order of the numbers that are their keys, which may leave some out, as the reference library reads
    them.
    """
    for problem in problems_of(document, classes):
        raise PackageConfigInvalid(problem)
    entries = sorted(document, key=lambda entry: entry["object_class_id"])
    return KeyPointsMetadata(
        names=tuple(
            tuple(str(entry["keypoints"][key]) for key in sorted(entry["keypoints"], key=int)) for entry in entries
        ),
        skeletons=tuple(tuple((edge["from"], edge["to"]) for edge in entry["edges"]) for entry in entries),
    )


def problems_of(document: Any, classes: int | None) -> Iterator[str]:
    """A sentence for each thing that is wrong. ``classes``: how many class names there are, None if not known."""
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        yield f"{FILE} holds a list with an object for each class."
        return
    described = [entry.get("object_class_id") for entry in document]
    if any(type(number) is not int or not 0 <= number < len(document) for number in described):
        yield f"{FILE} has an object_class_id that is no class of its list."
        return
    missing = sorted(set(range(max(len(document), classes or 0))) - set(described))
    if missing:
        yield f"{FILE} says nothing of class {missing[0]}; every class needs an entry."
        return
    if classes is not None and len(document) > classes:
        yield (f"{FILE} describes {len(document)} classes, and class_names.txt names {classes}. Make them agree.")
        return
    for entry in document:
        yield from _entry_problems(entry)


def _entry_problems(entry: dict[str, Any]) -> Iterator[str]:
    number, points, edges = entry["object_class_id"], entry.get("keypoints"), entry.get("edges")
    if not isinstance(points, dict) or not all(key.isascii() and key.isdecimal() for key in points):
        yield f"{FILE}, class {number}: keypoints is an object of numbers to names."
        return
    if not isinstance(edges, list) or not all(_is_edge(edge, len(points)) for edge in edges):
        yield (
            f"{FILE}, class {number}: edges is a list of objects with from and to, both numbers below "
            f"{len(points)}. It may be empty."
        )


def _is_edge(edge: Any, count: int) -> bool:
    return isinstance(edge, dict) and all(
        type(edge.get(end)) is int and 0 <= edge[end] < count for end in ("from", "to")
    )
