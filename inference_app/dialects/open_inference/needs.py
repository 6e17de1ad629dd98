"""How much a request for a model's tensors can need, known before its body is read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings

from inference_app.dialects.open_inference.requests import MAX_JSON_NUMBERS
from inference_app.dialects.open_inference.tensors import dtype_of_onnx
from packages_app.models import Package

# A number as text with what separates it: the longest of 64 bits has 24 digits, signs and points.
TEXT_BYTES = 32
# Names, shapes and parameters.
HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class Needs:
    """The most that all inputs of a network take together: ``numbers`` as JSON, ``content`` bytes as binary tensors."""

    numbers: int
    content: int

    @property
    def body_limit(self) -> int:
        """Bytes that a body may have, in whichever form its tensors are."""
        needed = max(self.numbers * TEXT_BYTES, self.content) + HEAD_BYTES
        return min(needed, settings.MAX_REQUEST_BYTES)


def needs_of(packages: Iterable[Package]) -> Needs:
    """What the largest of the packages needs; as much as any request may have where the files do not tell."""
    facts = [package.inspection.get("facts", {}) for package in packages]
    every = [_needs(each.get("inputs", ())) for each in facts]
    every += [_needs(each["other_inputs"]) for each in facts if "other_inputs" in each]
    return Needs(max(needs.numbers for needs in every), max(needs.content for needs in every))


def _needs(inputs: Sequence[Mapping[str, Any]]) -> Needs:
    numbers = content = 0
    for tensor in inputs:
        first, *others = tensor["shape"] or [1]
        kind = dtype_of_onnx(tensor["dtype"])
        if kind is None or not all(isinstance(side, int) for side in others):
            return _UNKNOWN
        size = math.prod(others) * (first if isinstance(first, int) else settings.MAX_IMAGES_PER_REQUEST)
        numbers += size
        content += size * np.dtype(kind).itemsize
    return Needs(min(numbers, MAX_JSON_NUMBERS), content) if inputs else _UNKNOWN


_UNKNOWN = Needs(MAX_JSON_NUMBERS, settings.MAX_REQUEST_BYTES)
