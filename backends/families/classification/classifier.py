"""Networks that answer one score for each class."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from backends.errors import NetworkMismatch, PackageConfigInvalid
from backends.families.classification.timm_network import build_network
from backends.families.family import Family
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters
from backends.postprocessing.activation import sigmoid
from backends.postprocessing.checking import as_scores, require_finite, require_names
from backends.postprocessing.confidence import threshold_of
from backends.predictions import Classification
from backends.preprocessing import Geometry
from backends.session import Array

Scores = npt.NDArray[np.float32]


class Classifier(Family):
    """Output (classes,): raw values, or scores of 0 to 1 if the last step is fused into the network.

    Names without a class are left out; a class without a name is an error.
    """

    post_processing: ClassVar[str]
    """What ``post_processing.type`` must say."""

    multi_label: ClassVar[bool]
    """Whether several classes may apply at once."""

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        """Checks the configuration. An image that should keep its shape without padding is stretched instead."""
        cls.require_post_processing(config)
        if config.network_input.resize_mode == "fit-longer-edge":
            return config.with_resize_mode("stretch", 0)
        return config

    @classmethod
    def require_post_processing(cls, config: InferenceConfig) -> None:
        """Raises PackageConfigInvalid unless the configuration names the last step of this task."""
        if config.post_processing is None or config.post_processing.type != cls.post_processing:
            raise PackageConfigInvalid(
                f'inference_config.json: post_processing.type must be "{cls.post_processing}" for this task.'
            )

    @staticmethod
    @abstractmethod
    def activate(values: Scores) -> Scores:
        """Scores of 0 to 1 from the network's raw values, both float32 (classes,)."""

    def build_module(self) -> Any:
        return build_network(self.config.model_initialization)

    def postprocess(
        self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters
    ) -> Classification:
        values = outputs[0]
        if values.ndim != 1 or values.size == 0 or values.dtype != np.float32:
            raise NetworkMismatch("The network's output is not one score for each class.")
        fused = self.config.post_processing is not None and self.config.post_processing.fused
        # Before the last step, which makes a score of 1 out of infinity.
        require_finite(values)
        scores = as_scores(values if fused else self.activate(values))
        classes = np.arange(scores.size)
        require_names(classes, len(self.class_names))
        return Classification(
            scores=scores,
            class_names=self.class_names[: scores.size],
            image_size=geometry.original,
            multi_label=self.multi_label,
            confidence=threshold_of(self.threshold(parameters), classes),
        )


class SingleLabelClassifier(Classifier):
    """One class an image; the best one wins, whatever its score."""

    post_processing = "softmax"
    multi_label = False

    @staticmethod
    def activate(values: Scores) -> Scores:
        # The maximum keeps the powers from overflowing.
        powers = np.exp(values - values.max())
        return np.asarray(powers / powers.sum(), dtype=np.float32)


class MultiLabelClassifier(Classifier):
    """Any number of classes an image: those whose score is at least the confidence."""

    post_processing = "sigmoid"
    multi_label = True

    @staticmethod
    def activate(values: Scores) -> Scores:
        return sigmoid(values)
