"""Measure the exported detector on drawings that training never sees.

Run ``python -m demo.evaluate``; it prints recall and precision of each class at an IoU of 0.5, with the thresholds
that clients use unless told otherwise, and fails where recall falls short.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from demo.detect import Detections, Detector
from demo.draw import CLASS_NAMES, Drawing, Shape, draw

# Training draws with seeds from TRAINING_SEED on; these lie below them.
FIRST_UNSEEN_SEED = 1_000_000
TRAINING_SEED = 10_000_000
MATCHING_IOU = 0.5
WANTED_RECALL = 0.9


@dataclass(frozen=True)
class Counts:
    """What became of the shapes and the detections of one class, and the IoU summed over the matches."""

    found: int = 0
    missed: int = 0
    invented: int = 0
    overlap: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.found + other.found,
            self.missed + other.missed,
            self.invented + other.invented,
            self.overlap + other.overlap,
        )

    @property
    def recall(self) -> float:
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.invented)

    @property
    def mean_iou(self) -> float:
        return self.overlap / max(1, self.found)


def overlap_of(box: np.ndarray, other: np.ndarray) -> float:
    """IoU of two boxes of four corners."""
    size = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
    if (size <= 0).any():
        return 0.0
    shared = float(size.prod())
    return shared / (float((box[2:] - box[:2]).prod()) + float((other[2:] - other[:2]).prod()) - shared)


def compare(shapes: tuple[Shape, ...], detections: Detections) -> list[Counts]:
    """Match detections to the shapes of their class, the most certain first, each shape at most once."""
    counts = [Counts() for _ in CLASS_NAMES]
    free = list(shapes)
    for box, class_id in zip(detections.boxes, detections.class_ids, strict=True):
        overlaps = [overlap_of(box, np.array(s.box)) if s.class_id == class_id else 0.0 for s in free]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] >= MATCHING_IOU:
            counts[class_id] += Counts(found=1, overlap=overlaps[best])
            del free[best]
        else:
            counts[class_id] += Counts(invented=1)
    for shape in free:
        counts[shape.class_id] += Counts(missed=1)
    return counts


def evaluate(detector: Detector, drawings: int, first_seed: int = FIRST_UNSEEN_SEED) -> list[Counts]:
    """Counts of each class over ``drawings`` images with consecutive seeds."""
    counts = [Counts() for _ in CLASS_NAMES]
    for seed in range(first_seed, first_seed + drawings):
        drawing: Drawing = draw(seed)
        compared = compare(drawing.shapes, detector.detect(drawing.image))
        counts = [total + one for total, one in zip(counts, compared, strict=True)]
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).parent / "packages" / "onnx-dynamic" / "weights.onnx"
    parser.add_argument("weights", type=Path, nargs="?", default=default)
    parser.add_argument("--drawings", type=int, default=1000)
    arguments = parser.parse_args()
    counts = evaluate(Detector(arguments.weights), arguments.drawings)
    total = sum(counts, Counts())
    print(f"{'class':<12}{'shapes':>8}{'recall':>9}{'precision':>11}{'mean IoU':>10}")
    for name, count in [*zip(CLASS_NAMES, counts, strict=True), ("all", total)]:
        shapes = count.found + count.missed
        print(f"{name:<12}{shapes:>8}{count.recall:>9.3f}{count.precision:>11.3f}{count.mean_iou:>10.3f}")
    return 0 if total.recall >= WANTED_RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
