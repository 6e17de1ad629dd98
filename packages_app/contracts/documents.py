"""The small JSON files beside a network, held to what the client reads in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from backends.key_points_metadata import problems_of
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
    return problems_of(document, reading.classes)


def key_points_count(document: Any) -> int | None:
    """The length of the longest list of key points, or None for a document that is not what it should be."""
    if not isinstance(document, list):
        return None
    lists = [entry.get("keypoints") if isinstance(entry, dict) else None for entry in document]
    return max((len(each) for each in lists if isinstance(each, dict)), default=None)


def _is_positive(value: Any) -> bool:
    return type(value) is int and value > 0
