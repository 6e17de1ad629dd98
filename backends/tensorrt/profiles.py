"""Optimisation profiles: the ranges of shapes that an engine was built for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends.errors import BadTensor, PackageConfigInvalid
from backends.session import BatchPolicy

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """Least, best and largest shape of the input in the profile number ``index``."""

    index: int
    least: Shape
    best: Shape
    most: Shape

    def covers(self, shape: Shape) -> bool:
        """Whether the engine takes this shape in the profile."""
        return len(shape) == len(self.least) and all(
            low <= side <= high for low, side, high in zip(self.least, shape, self.most, strict=True)
        )


def choose_profile(profiles: Sequence[Profile], shape: Shape) -> Profile:
    """The profile tuned for the shape nearest to this one, among those that cover it.

    Nearest by number of elements; of two equally near ones the narrower. Raises BadTensor if none covers it.
    """
    fitting = [profile for profile in profiles if profile.covers(shape)]
    if not fitting:
        given = " x ".join(map(str, shape))
        raise BadTensor(f"The engine was not built for an input of the shape {given}.")
    return min(fitting, key=lambda profile: (abs(_elements(profile.best) - _elements(shape)), _elements(profile.most)))


def combine(policy: BatchPolicy, profiles: Sequence[Profile]) -> BatchPolicy:
    """Batch sizes that both ``trt_config.json`` and the engine allow.

    Raises PackageConfigInvalid if there are none: the file does not belong to this engine.
    """
    least = max(policy.minimum, min(profile.least[0] for profile in profiles))
    most = min(policy.maximum, max(profile.most[0] for profile in profiles))
    if least > most:
        raise PackageConfigInvalid("trt_config.json names batch sizes that the engine was not built for.")
    return BatchPolicy(least, most)


def _elements(shape: Shape) -> int:
    product = 1
    for side in shape:
        product *= side
    return product
