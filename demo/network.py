"""The detector: a convolutional network without anchors whose output has the YOLOv8 layout.

Input: (batch, 3, height, width) float32, RGB, 0 to 1, height and width divisible by 32. The backbone hands feature
maps of strides 8, 16 and 32 to a neck that mixes them from coarse to fine and back. Each cell of each map predicts
one box, as distances from the cell's centre to the four sides, and one logit a class.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from demo.draw import CLASS_NAMES

STRIDES = (8, 16, 32)


class ConvolutionBlock(nn.Sequential):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class SeparableBlock(nn.Module):
    """Depthwise then pointwise convolution, with a shortcut where the shapes allow one."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = ConvolutionBlock(inputs, inputs, kernel, stride, groups=inputs)
        self.pointwise = ConvolutionBlock(inputs, outputs, 1)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        mixed = self.pointwise(self.depthwise(features))
        return features + mixed if self.shortcut else mixed


class Head(nn.Module):
    """Predict distances (batch, 4, h, w) in cells and class logits (batch, classes, h, w) on one feature map."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.shared = SeparableBlock(width, width)
        self.box_tower = SeparableBlock(width, width)
        self.class_tower = SeparableBlock(width, width)
        self.box = nn.Conv2d(width, 4, 1)
        self.logit = nn.Conv2d(width, classes, 1)
        # Begin with boxes five cells wide and one cell in a hundred positive, so that the first steps do not explode.
        nn.init.constant_(self.box.bias, math.log(2.5))
        nn.init.constant_(self.logit.bias, -math.log(99))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        shared = self.shared(features)
        # The exponential keeps distances positive; the limit of 148 cells is beyond any image.
        distances = self.box(self.box_tower(shared)).clamp(max=5).exp()
        return distances, self.logit(self.class_tower(shared))


class ShapeDetector(nn.Module):
    """Training gives (boxes, logits): corners (batch, cells, 4) in pixels and (batch, cells, classes)."""

    def __init__(self, classes: int, width: int = 64) -> None:
        super().__init__()
        self.classes = classes
        self.stride8 = nn.Sequential(
            ConvolutionBlock(3, 16, 3, 2),
            ConvolutionBlock(16, 24, 3, 2),
            SeparableBlock(24, 24),
            ConvolutionBlock(24, 48, 3, 2),
            SeparableBlock(48, 48),
            SeparableBlock(48, 48),
        )
        self.stride16 = nn.Sequential(
            SeparableBlock(48, 96, 5, 2), SeparableBlock(96, 96, 5), SeparableBlock(96, 96, 5)
        )
        self.stride32 = nn.Sequential(
            SeparableBlock(96, 128, 5, 2), SeparableBlock(128, 128, 5), SeparableBlock(128, 128, 5)
        )
        self.lateral = nn.ModuleList(ConvolutionBlock(inputs, width, 1) for inputs in (48, 96, 128))
        self.downward = nn.ModuleList(SeparableBlock(width, width) for _ in range(2))
        self.reduce = nn.ModuleList(SeparableBlock(width, width, 3, 2) for _ in range(2))
        self.upward = nn.ModuleList(SeparableBlock(width, width) for _ in range(2))
        self.heads = nn.ModuleList(Head(width, classes) for _ in STRIDES)

    def features(self, images: Tensor) -> list[Tensor]:
        fine = self.stride8(images)
        middle = self.stride16(fine)
        coarse = self.stride32(middle)
        fine, middle, coarse = (
            lateral(level) for lateral, level in zip(self.lateral, (fine, middle, coarse), strict=True)
        )
        middle = self.downward[0](middle + nn.functional.interpolate(coarse, scale_factor=2.0))
        fine = self.downward[1](fine + nn.functional.interpolate(middle, scale_factor=2.0))
        middle = self.upward[0](middle + self.reduce[0](fine))
        coarse = self.upward[1](coarse + self.reduce[1](middle))
        return [fine, middle, coarse]

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        boxes, logits = [], []
        for head, level, stride in zip(self.heads, self.features(images), STRIDES, strict=True):
            distances, level_logits = head(level)
            rows, columns = int(level.shape[2]), int(level.shape[3])
            # Explicit sizes, because flatten() would put shape arithmetic into the exported graph.
            distances = distances.reshape(-1, 4, rows * columns).transpose(1, 2) * stride
            centres = cell_centres(rows, columns, stride)
            boxes.append(torch.cat([centres - distances[..., :2], centres + distances[..., 2:]], dim=-1))
            logits.append(level_logits.reshape(-1, self.classes, rows * columns).transpose(1, 2))
        return torch.cat(boxes, dim=1), torch.cat(logits, dim=1)


class ExportedDetector(nn.Module):
    """The network as it is published: one output (batch, 4 + classes, cells).

    Rows 0 to 3 are the box's centre x, centre y, width and height in pixels of the network's input; the others are
    class probabilities. That is the output of YOLOv8 before suppression, so every YOLOv8 client reads it.
    """

    def __init__(self, detector: ShapeDetector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, images: Tensor) -> Tensor:
        boxes, logits = self.detector(images)
        low, high = boxes[..., :2], boxes[..., 2:]
        return torch.cat([(low + high) / 2, high - low, logits.sigmoid()], dim=-1).transpose(1, 2)


def cell_centres(rows: int, columns: int, stride: int) -> Tensor:
    """Centres (rows * columns, 2) of a feature map's cells as (x, y) in pixels of the network's input, row by row."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return (torch.stack([x, y], dim=-1).reshape(-1, 2).float() + 0.5) * stride


def save_weights(network: ShapeDetector, path: Path) -> None:
    """Keep the weights as plain arrays: unlike a pickle, they can be opened without running anything."""
    np.savez(path, **{name: value.numpy() for name, value in network.state_dict().items()})


def load_network(path: Path) -> ShapeDetector:
    """The network with the weights that ``save_weights`` wrote, ready to predict."""
    network = ShapeDetector(len(CLASS_NAMES))
    with np.load(path, allow_pickle=False) as arrays:
        network.load_state_dict({name: torch.from_numpy(arrays[name]) for name in arrays.files})
    return network.eval()
