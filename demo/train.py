"""Train the demonstration detector on drawings, on one processor core, in half an hour to an hour.

Run ``python -m demo.train`` with the packages of ``requirements/train.in``, then ``python -m demo.export``. Every
image is drawn for one step and never seen again, so the network cannot learn the images by heart.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from demo.detect import PADDING, letterbox, to_input
from demo.draw import CLASS_NAMES, MOST_SHAPES, draw, random_size
from demo.evaluate import TRAINING_SEED
from demo.loss import detection_loss
from demo.network import STRIDES, ShapeDetector, cell_centres, save_weights

BATCH = 32
LEARNING_RATE = 4e-3
WARM_UP = 200
AVERAGING = 0.999
# (Share of the steps, sizes): small images first, because they cost a third of those of the full 320 pixels.
STAGES = ((0.55, (160, 192, 256)), (0.8, (192, 256, 320)), (1.0, (320,)))


class DrawnBatches(IterableDataset):
    """Batches of (images, boxes, classes, present), each image drawn from a seed of its own.

    images (batch, 3, size, size) float32; boxes (batch, MOST_SHAPES, 4) float32 corners in network pixels; classes
    (batch, MOST_SHAPES) int64; present (batch, MOST_SHAPES) bool tells shapes from filling.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __iter__(self) -> Iterator[tuple[torch.Tensor, ...]]:
        for step in range(self.steps):
            random = np.random.default_rng(step)
            sizes = next(sizes for end, sizes in STAGES if step < end * self.steps)
            yield draw_batch(random, TRAINING_SEED + step * BATCH, sizes[int(random.integers(0, len(sizes)))])


def draw_batch(random: np.random.Generator, first_seed: int, size: int) -> tuple[torch.Tensor, ...]:
    """Draw one batch at ``size`` network pixels; the fields are those of ``DrawnBatches``."""
    squares = []
    boxes = np.zeros((BATCH, MOST_SHAPES, 4), dtype=np.float32)
    classes = np.zeros((BATCH, MOST_SHAPES), dtype=np.int64)
    present = np.zeros((BATCH, MOST_SHAPES), dtype=bool)
    for index in range(BATCH):
        # Now and then an image twice the size: shrinking one leaves other edges than drawing it small.
        width, height = random_size(random, size, size * (2 if random.random() < 0.3 else 1))
        drawing = draw(first_seed + index, width, height)
        padding = PADDING if random.random() < 0.7 else int(random.choice([0, 127, 255]))
        square, placement = letterbox(drawing.image, size, padding)
        squares.append(square)
        for place, shape in enumerate(drawing.shapes):
            scale = (placement.scale_x, placement.scale_y) * 2
            boxes[index, place] = np.array(shape.box) * scale + (placement.left, placement.top) * 2
            classes[index, place] = shape.class_id
            present[index, place] = True
    return tuple(torch.from_numpy(array) for array in (to_input(squares), boxes, classes, present))


class AveragedNetwork:
    """A running average of the weights, which predicts better than the weights of any single step."""

    def __init__(self, network: ShapeDetector) -> None:
        self.network = copy.deepcopy(network).eval()
        self.updates = 0

    @torch.no_grad()
    def update(self, network: ShapeDetector) -> None:
        self.updates += 1
        # The first steps count for little, or the average would carry the random start along for long.
        keep = AVERAGING * (1 - math.exp(-self.updates / 500))
        for average, value in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if average.is_floating_point():
                average.lerp_(value, 1 - keep)
            else:
                average.copy_(value)


def learning_rate(step: int, steps: int) -> float:
    """Rise linearly, then fall along half a cosine to a hundredth."""
    if step < WARM_UP:
        return LEARNING_RATE * (step + 1) / WARM_UP
    progress = (step - WARM_UP) / max(1, steps - WARM_UP)
    return LEARNING_RATE * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)


def train(steps: int, path: Path) -> None:
    """Train for ``steps`` batches; ``path`` receives the averaged weights every 250 steps and at the end."""
    torch.manual_seed(0)
    network = ShapeDetector(len(CLASS_NAMES)).to(memory_format=torch.channels_last).train()
    average = AveragedNetwork(network)
    matrices = [value for value in network.parameters() if value.ndim > 1]
    vectors = [value for value in network.parameters() if value.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.02}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE)
    started = time.monotonic()
    running = np.zeros(2)
    for step, batch in enumerate(DataLoader(DrawnBatches(steps), batch_size=None, num_workers=1, prefetch_factor=4)):
        images, truth_boxes, truth_classes, present = batch
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps)
        size = images.shape[-1]
        centres = torch.cat([cell_centres(size // stride, size // stride, stride) for stride in STRIDES])
        boxes, logits = network(images.contiguous(memory_format=torch.channels_last))
        losses = detection_loss(boxes, logits, centres, truth_boxes, truth_classes, present)
        optimizer.zero_grad()
        sum(losses).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        average.update(network)
        running += [float(loss.detach()) for loss in losses]
        if (step + 1) % 50 == 0:
            box_loss, class_loss = running / 50
            minutes = (time.monotonic() - started) / 60
            print(
                f"{step + 1:>5}/{steps} boxes {box_loss:.3f} classes {class_loss:.3f} {minutes:.1f} min",
                flush=True,
            )
            running[:] = 0
        if (step + 1) % 250 == 0 or step + 1 == steps:
            save_weights(average.network, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2400, help="batches of 32 images")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "weights.npz")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments.steps, arguments.to)


if __name__ == "__main__":
    main()
