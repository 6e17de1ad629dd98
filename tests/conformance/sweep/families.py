"""The families of the sweep: one line each in `FAMILIES`, and a function for the outputs of their networks.

A function gets a generator, the number of classes and the side of the network's input. It returns for each output what
it is for a dark image, and how much is added to it as an image becomes brighter, by a number of 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Output = tuple[np.ndarray, np.ndarray]
Outputs = Callable[[np.random.Generator, int, int], Sequence[Output]]
ANCHORS = 60
NMS = {"type": "nms", "fused": False}
FUSED = {"type": "nms", "fused": True}


@dataclass(frozen=True)
class Subject:
    """A family in one of its forms. ``shared``: numbers of the outputs without a batch side."""

    architecture: str
    task: str
    outputs: Outputs
    post_processing: Mapping[str, Any] | None = None
    shared: frozenset[int] = field(default_factory=frozenset)
    batch: int | str = "batch"

    @property
    def name(self) -> str:
        fused = "-fused" if self.post_processing and self.post_processing["fused"] else ""
        return f"{self.architecture}-{self.task}{fused}"


def _boxes(random: np.random.Generator, side: int) -> np.ndarray:
    """Centre and size, some of them near each other, some across an edge."""
    centre = random.uniform(0, side, (ANCHORS // 3, 2)).repeat(3, axis=0) + random.normal(0, 2, (ANCHORS, 2))
    size = random.uniform(side / 12, side / 2, (ANCHORS // 3, 2)).repeat(3, axis=0) * random.uniform(
        0.9, 1.1, (ANCHORS, 2)
    )
    return np.concatenate((centre, size), axis=1).astype(np.float32)


def _corners(random: np.random.Generator, side: int) -> np.ndarray:
    boxes = _boxes(random, side)
    return np.concatenate((boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2), axis=1)


def _scores(random: np.random.Generator, count: int) -> np.ndarray:
    return random.uniform(0.02, 0.7, (ANCHORS, count)).astype(np.float32)


def _rows(random: np.random.Generator, boxes: np.ndarray, scores: np.ndarray, coefficients: bool = False) -> Output:
    """Boxes that move a little with the image, scores that rise with it, and coefficients that stay."""
    parts = [boxes, scores] + ([random.normal(0, 1, (ANCHORS, 32))] if coefficients else [])
    slopes = [np.full_like(boxes, 0.4), np.full_like(scores, 0.25)]
    slopes += [np.zeros((ANCHORS, 32))] if coefficients else []
    return np.concatenate(parts, axis=1).astype(np.float32), np.concatenate(slopes, axis=1).astype(np.float32)


def _still(array: np.ndarray) -> Output:
    return array.astype(np.float32), np.zeros_like(array, dtype=np.float32)


def _prototypes(random: np.random.Generator, side: int) -> Output:
    coarse = random.normal(0, 1, (32, side // 16, side // 16))
    return _still(coarse.repeat(4, axis=1).repeat(4, axis=2))


def _turned(output: Output) -> Output:
    return np.ascontiguousarray(output[0].T), np.ascontiguousarray(output[1].T)


def raw(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    return [_turned(_rows(random, _boxes(random, side), _scores(random, classes)))]


def raw_masks(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    rows = _rows(random, _boxes(random, side), _scores(random, classes), coefficients=True)
    return [_turned(rows), _prototypes(random, side)]


def _final(random: np.random.Generator, classes: int, side: int, coefficients: bool) -> Output:
    rows, slopes = _rows(random, _corners(random, side), _scores(random, 1), coefficients)
    class_id = random.integers(0, classes, ANCHORS)
    return np.insert(rows, 5, class_id, axis=1), np.insert(slopes, 5, 0, axis=1)


def final(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    return [_final(random, classes, side, False)]


def final_masks(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    return [_final(random, classes, side, True), _prototypes(random, side)]


def objectness(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    return [_rows(random, _boxes(random, side), _scores(random, 1 + classes))]


def objectness_masks(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    rows = _rows(random, _boxes(random, side), _scores(random, 1 + classes), coefficients=True)
    return [rows, _prototypes(random, side)]


def yolov7_masks(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    rows, prototypes = objectness_masks(random, classes, side)
    return [rows, *[_still(np.zeros((1, 1)))] * 3, prototypes]


def corners_and_scores(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    scores = _scores(random, classes)
    return [_still(_corners(random, side)), (scores, np.full_like(scores, 0.25))]


def logits(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    found = random.normal(0, 2, (ANCHORS, classes)).astype(np.float32)
    return [
        _still(_corners(random, side)),
        _still(random.normal(1, 2, (ANCHORS, 1))),
        (found, np.full_like(found, 0.5)),
    ]


def yolact(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    scores = _scores(random, 1 + classes)
    rows, _ = _prototypes(random, side)
    return [
        _still(random.normal(0, 1, (ANCHORS, 4))),
        (scores, np.full_like(scores, 0.25)),
        _still(random.normal(0, 1, (ANCHORS, 32))),
        _still(_boxes(random, 1)),
        _still(rows.transpose(1, 2, 0)),
    ]


def probabilities(random: np.random.Generator, classes: int, side: int) -> Sequence[Output]:
    # A sum of one for every image, none of them below zero, and a best class that does not change.
    values = random.dirichlet(np.ones(classes)).astype(np.float32) * np.float32(0.5)
    slope = values * -0.2
    best = values.argmax()
    slope[best] -= slope.sum()
    values[best] += 0.5
    return [(values, slope.astype(np.float32))]


FAMILIES = (
    Subject("yolov8", "object-detection", raw, NMS),
    Subject("yolov8", "instance-segmentation", raw_masks, NMS),
    Subject("yolov8", "object-detection", final, FUSED),
    Subject("yolov10", "object-detection", final),
    Subject("yolo26", "object-detection", final),
    Subject("yolo26", "instance-segmentation", final_masks),
    Subject("yolov5", "object-detection", objectness),
    Subject("yolov5", "instance-segmentation", objectness_masks),
    Subject("yolov7", "instance-segmentation", yolov7_masks),
    Subject("yolonas", "object-detection", corners_and_scores, NMS),
    Subject("yololite", "object-detection", logits),
    Subject("yololite", "object-detection", final, FUSED),
    Subject("yolact", "instance-segmentation", yolact, shared=frozenset({3}), batch=1),
    Subject("yolov8", "classification", probabilities, {"type": "softmax", "fused": True}),
    Subject("yolov11", "classification", probabilities, {"type": "softmax", "fused": False}),
)
