"""What the families of semantic segmentation have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from backends.families.family import Family
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.semantic import Activation, background_of, segment
from backends.predictions import SemanticSegmentation
from backends.preprocessing import Geometry
from backends.session import Array


class SemanticFamily(Family):
    """Output (classes, height, width): logits at any size, with a map of the background or without.

    Of the parameters only the confidence counts: the class filter is for boxes.
    """

    activation: ClassVar[Activation] = "softmax"

    def __init__(
        self,
        config: InferenceConfig,
        class_names: tuple[str, ...],
        recommended: RecommendedParameters | None = None,
    ) -> None:
        """Raises PackageConfigInvalid if the class names have no background, or nothing else."""
        background_of(class_names)
        super().__init__(config, class_names, recommended)

    def postprocess(
        self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters
    ) -> SemanticSegmentation:
        return segment(outputs[0], geometry, self.class_names, self.threshold(parameters), self.activation)
