"""The small JSON files beside a network, held to what the client reads in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from packages_app.contracts.contract import DocumentCheck
from packages_app.contracts.reading import Reading

RFDETR_TYPES = {
    "object-detection": [
        f"rfdetr-{size}" for size in ("nano", "small", "medium", "base", "large", "xlarge", "2xlarge")
    ],
    "instance-segmentation": [
        f"rfdetr-seg-{size}" for size in ("preview", "nano", "small", "medium", "large", "xlarge", "2xlarge", "xxlarge")
    ],
    "semantic-segmentation": [
        f"rfdetr-sem-{size}" for size in ("nano", "small", "medium", "large", "xlarge", "2xlarge")
    ],
}
PERCEPTION_ENCODERS = ("PE-Core-B16-224", "PE-Core-L14-336", "PE-Core-G14-448")


def one_of(name: str, key: str, choices: Iterable[str]) -> DocumentCheck:
    """A document ``name`` whose ``key`` is one of ``choices``."""
    known = tuple(choices)

    def check(document: Any, reading: Reading) -> Iterator[str]:
        value = document.get(key) if isinstance(document, dict) else None
        if value not in known:
            yield f"{name} needs {key}, one of {', '.join(known)}."

    return check


def vit_config(document: Any, reading: Reading) -> Iterator[str]:
    """The network's own description: transformers refuses images of another size than its ``image_size``."""
    yield from one_of("vit/config.json", "model_type", ("vit",))(document, reading)
    size = document.get("image_size") if isinstance(document, dict) else None
    sides = (size, size) if type(size) is int else size
    if reading.size is not None and sides is not None and sides not in (reading.size, list(reading.size)):
        height, width = reading.size
        yield (
            f"vit/config.json has image_size {size}, and inference_config.json says {height}x{width} (height, width) "
            "in network_input.training_input_size. Correct the configuration."
        )


def trt_config(document: Any, reading: Reading) -> Iterator[str]:
    """A static batch size, or three bounds of a dynamic one."""
    document = document if isinstance(document, dict) else {}
    static = document.get("static_batch_size")
    if static is not None:
        if not _is_positive(static):
            yield "trt_config.json has a static_batch_size that is no positive number."
        return
    bounds = [document.get(f"dynamic_batch_size_{name}") for name in ("min", "opt", "max")]
    if not all(_is_positive(bound) for bound in bounds) or bounds != sorted(bounds):
        yield (
            "trt_config.json needs static_batch_size, or dynamic_batch_size_min, _opt and _max, positive and in that "
            "order."
        )


def key_points_metadata(document: Any, reading: Reading) -> Iterator[str]:
    """A list with an entry for every class: names of key points, and the edges between them."""
    if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
        yield "keypoints_metadata.json holds a list with an object for each class."
        return
    described = [entry.get("object_class_id") for entry in document]
    if any(type(number) is not int or not 0 <= number < len(document) for number in described):
        yield "keypoints_metadata.json has an object_class_id that is no class of its list."
        return
    missing = sorted(set(range(max(len(document), reading.classes or 0))) - set(described))
    if missing:
        yield f"keypoints_metadata.json says nothing of class {missing[0]}; every class needs an entry."
        return
    if reading.classes is not None and len(document) > reading.classes:
        yield (
            f"keypoints_metadata.json describes {len(document)} classes, and class_names.txt names {reading.classes}. "
            "Make them agree."
        )
        return
    for entry in document:
        yield from _entry_problems(entry)


def key_points_count(document: Any) -> int | None:
    """The length of the longest list of key points, or None for a document that is not what it should be."""
    if not isinstance(document, list):
        return None
    lists = [entry.get("keypoints") if isinstance(entry, dict) else None for entry in document]
    return max((len(each) for each in lists if isinstance(each, dict)), default=None)


def _entry_problems(entry: dict[str, Any]) -> Iterator[str]:
    number, points, edges = entry["object_class_id"], entry.get("keypoints"), entry.get("edges")
    if not isinstance(points, dict) or not all(key.isascii() and key.isdecimal() for key in points):
        yield f"keypoints_metadata.json, class {number}: keypoints is an object of numbers to names."
        return
    if not isinstance(edges, list) or not all(_is_edge(edge, len(points)) for edge in edges):
        yield (
            f"keypoints_metadata.json, class {number}: edges is a list of objects with from and to, both numbers below "
            f"{len(points)}. It may be empty."
        )


def _is_edge(edge: Any, count: int) -> bool:
    return isinstance(edge, dict) and all(
        type(edge.get(end)) is int and 0 <= edge[end] < count for end in ("from", "to")
    )


def _is_positive(value: Any) -> bool:
    return type(value) is int and value > 0
