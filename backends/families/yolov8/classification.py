"""Classification with YOLOv8 and v11."""

from __future__ import annotations

from backends.families.classification.classifier import SingleLabelClassifier
from backends.families.family import GREY
from backends.inference_config import InferenceConfig


class YoloV8Classification(SingleLabelClassifier):
    """Output (classes,), read as of other classifiers. Ultralytics exports it with the softmax fused.

    Where the configuration does not say so, it is applied twice, as in the reference library: the best class stays the
    best, and the scores go flat.
    """

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        """Checks the configuration. Where other classifiers stretch an image (fit-longer-edge), this one pads it."""
        cls.require_post_processing(config)
        if config.network_input.resize_mode == "fit-longer-edge":
            return config.with_resize_mode("letterbox", GREY)
        return config
