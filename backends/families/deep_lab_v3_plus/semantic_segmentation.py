"""Semantic segmentation with DeepLabV3+."""

from __future__ import annotations

from backends.families.semantic import SemanticFamily
from backends.inference_config import InferenceConfig

BLACK = 0


class DeepLabSemanticSegmentation(SemanticFamily):
    """Logits (classes, height, width).

    Where the image should keep its shape without padding (fit-longer-edge), it is padded with black.
    """

    default_confidence = 0.5

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        if config.network_input.resize_mode == "fit-longer-edge":
            return config.with_resize_mode("letterbox", BLACK)
        return config
