"""``trt_config.json``: the batch sizes that an engine was built for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backends.errors import PackageConfigInvalid, PackageDamaged
from backends.session import BatchPolicy

MAX_CONFIG_BYTES = 100_000


def read_batch_policy(directory: Path) -> BatchPolicy:
    """Reads ``{"static_batch_size": n}`` or ``{"dynamic_batch_size_min": ..., "_opt": ..., "_max": ...}``.

    Raises PackageDamaged if the file is missing, PackageConfigInvalid if its sizes make no sense.
    """
    try:
        with (directory / "trt_config.json").open("rb") as file:
            text = file.read(MAX_CONFIG_BYTES)
    except OSError:
        raise PackageDamaged("The package has no readable trt_config.json.") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise PackageConfigInvalid("trt_config.json is not valid JSON.") from None
    if not isinstance(document, dict):
        raise PackageConfigInvalid("trt_config.json must hold a JSON object.")
    static = _size(document, "static_batch_size")
    if static is not None:
        return BatchPolicy.static(static)
    least, best, most = (_size(document, f"dynamic_batch_size_{name}") for name in ("min", "opt", "max"))
    if least is None or best is None or most is None:
        raise PackageConfigInvalid(
            "trt_config.json must give static_batch_size, or dynamic_batch_size_min, _opt and _max."
        )
    if not least <= best <= most:
        raise PackageConfigInvalid("trt_config.json: the dynamic batch sizes must rise from min over opt to max.")
    return BatchPolicy(least, most)


def _size(document: dict[str, Any], name: str) -> int | None:
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise PackageConfigInvalid(f"trt_config.json: {name} must be a positive whole number.")
    return value
