"""Which cells learn which shape, and how wrong they are.

Cells are chosen by task alignment (Feng et al., "TOOD", 2021): a cell inside a shape's box is the better for it the
higher its probability of the right class and the closer its box. The box loss is complete IoU (Zheng et al., 2020).
Boxes are corners in pixels; ground truth comes padded to the same number of shapes in every image.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

CELLS_A_SHAPE = 9
CLASS_POWER = 0.5
BOX_POWER = 6.0
BOX_WEIGHT = 3.0
EPSILON = 1e-7


def intersection_over_union(first: Tensor, second: Tensor) -> Tensor:
    """IoU of boxes (..., 4) with broadcasting."""
    low = torch.maximum(first[..., :2], second[..., :2])
    high = torch.minimum(first[..., 2:], second[..., 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    areas = [(boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1) for boxes in (first, second)]
    return shared / (areas[0] + areas[1] - shared + EPSILON)


def complete_iou(predicted: Tensor, truth: Tensor) -> Tensor:
    """IoU less penalties for the distance of the centres and the difference of the aspects; boxes (n, 4)."""
    iou = intersection_over_union(predicted, truth)
    enclosing = torch.maximum(predicted[:, 2:], truth[:, 2:]) - torch.minimum(predicted[:, :2], truth[:, :2])
    diagonal = enclosing.square().sum(dim=-1) + EPSILON
    between = (predicted[:, :2] + predicted[:, 2:] - truth[:, :2] - truth[:, 2:]).square().sum(dim=-1) / 4
    size, true_size = predicted[:, 2:] - predicted[:, :2], truth[:, 2:] - truth[:, :2]
    angle = torch.atan2(size[:, 0], size[:, 1]) - torch.atan2(true_size[:, 0], true_size[:, 1])
    aspect = (4 / math.pi**2) * angle.square()
    with torch.no_grad():
        weight = aspect / (1 - iou + aspect + EPSILON)
    return iou - between / diagonal - weight * aspect


@torch.no_grad()
def assign(
    boxes: Tensor,
    probabilities: Tensor,
    centres: Tensor,
    truth_boxes: Tensor,
    truth_classes: Tensor,
    present: Tensor,
) -> tuple[Tensor, Tensor]:
    """Give each cell a shape of its image, or none.

    boxes (batch, cells, 4), probabilities (batch, cells, classes), centres (cells, 2), truth_boxes (batch, shapes, 4),
    truth_classes (batch, shapes) int64, present (batch, shapes) bool.
    Returns the index of the shape (batch, cells) int64 and the target (batch, cells) float: 0 for background, else
    how certain the cell should be.
    """
    batch, shapes, cells = truth_boxes.shape[0], truth_boxes.shape[1], boxes.shape[1]
    to_low = centres - truth_boxes[:, :, None, :2]
    to_high = truth_boxes[:, :, None, 2:] - centres
    inside = (torch.cat([to_low, to_high], dim=-1).amin(dim=-1) > 0) & present[..., None]
    overlap = intersection_over_union(truth_boxes[:, :, None], boxes[:, None]) * inside
    index = truth_classes[:, None, :].expand(batch, cells, shapes)
    certainty = probabilities.gather(2, index).transpose(1, 2)
    alignment = certainty.pow(CLASS_POWER) * overlap.pow(BOX_POWER)

    best = alignment.topk(CELLS_A_SHAPE, dim=-1).indices
    chosen = torch.zeros_like(inside).scatter_(2, best, True) & inside
    # A cell wanted by two shapes goes to the one that its box fits better.
    owner = torch.where(chosen, overlap, -1.0).argmax(dim=1)
    chosen &= functional.one_hot(owner, shapes).transpose(1, 2).bool()

    alignment = alignment * chosen
    best_alignment = alignment.amax(dim=-1, keepdim=True)
    best_overlap = (overlap * chosen).amax(dim=-1, keepdim=True)
    target = (alignment / (best_alignment + 1e-12) * best_overlap).amax(dim=1)
    return owner, target


def detection_loss(
    boxes: Tensor,
    logits: Tensor,
    centres: Tensor,
    truth_boxes: Tensor,
    truth_classes: Tensor,
    present: Tensor,
) -> tuple[Tensor, Tensor]:
    """Box loss and class loss (scalars), each divided by the sum of the targets; arguments as in ``assign``."""
    owner, target = assign(boxes.detach(), logits.detach().sigmoid(), centres, truth_boxes, truth_classes, present)
    positive = target > 0
    classes = truth_classes.gather(1, owner)
    wanted = functional.one_hot(classes, logits.shape[-1]) * target[..., None]
    total = target.sum().clamp(min=1)
    class_loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum") / total
    owned = truth_boxes.gather(1, owner[..., None].expand(-1, -1, 4))
    box_loss = ((1 - complete_iou(boxes[positive], owned[positive])) * target[positive]).sum() / total
    return BOX_WEIGHT * box_loss, class_loss
