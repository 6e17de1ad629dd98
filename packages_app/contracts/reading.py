"""What the client knows when it reads a network's outputs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """``classes``: number of class names, None where they are not known. ``fused``: suppression, softmax or sigmoid are
    inside the network. ``key_points``: length of the longest list of key points. ``size``: height and width that the
    configuration has images resized to.
    """

    architecture: str
    task: str
    classes: int | None = None
    fused: bool = False
    key_points: int | None = None
    size: tuple[int, int] | None = None
