"""Semantic segmentation with RF-DETR."""

from __future__ import annotations

from backends.families.rfdetr.family import RfDetrFamily
from backends.families.semantic import SemanticFamily


class RfDetrSemanticSegmentation(RfDetrFamily, SemanticFamily):
    """Output (classes, height, width) of logits. A pixel's confidence is the sigmoid of its best one, not a softmax."""

    activation = "sigmoid"
    takes_image_size = False
