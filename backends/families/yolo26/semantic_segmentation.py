"""Semantic segmentation with YOLO26."""

from __future__ import annotations

from backends.families.semantic import SemanticFamily


class Yolo26SemanticSegmentation(SemanticFamily):
    """Logits (classes, height, width), as they are before the exporter of the network chooses the class itself."""

    default_confidence = 0.25
