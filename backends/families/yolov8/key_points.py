"""Key points with YOLOv8 and v11."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from backends.errors import PackageConfigInvalid
from backends.families.family import Family, keep_classes
from backends.families.yolov8.outputs import Candidates, read_final, read_raw, require_nms
from backends.inference_config import InferenceConfig, read_inference_config
from backends.key_points_metadata import FILE, KeyPointsMetadata, read_key_points_metadata
from backends.package_files import read_class_names
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.boxes import points_to_image, to_image
from backends.postprocessing.checking import as_scores, require_names
from backends.predictions import Detections, KeyPoints
from backends.preprocessing import Geometry
from backends.session import Array

NUMBERS = 3
"""Of each key point: x and y in pixels of the network's input, and how sure it is, 0 to 1."""


class YoloKeyPoints(Family):
    """What the families of key points have in common: the names of the points, and how boxes and points are laid out.

    Every network answers as many points for a box as the class with the most of them has; what is beyond the names of
    the box's own class is hidden. So is what is less sure than the threshold. Points may lie beside the image.
    """

    default_key_points_threshold: ClassVar[float] = 0.0

    @classmethod
    def read(cls, directory: Path, recommended: RecommendedParameters | None = None) -> Self:
        class_names = read_class_names(directory)
        metadata = read_key_points_metadata(directory, len(class_names))
        return cls(cls.adapt(read_inference_config(directory)), class_names, recommended, metadata)

    def __init__(
        self,
        config: InferenceConfig,
        class_names: tuple[str, ...],
        recommended: RecommendedParameters | None,
        metadata: KeyPointsMetadata,
    ) -> None:
        """Raises PackageConfigInvalid if no class has a key point."""
        if metadata.places == 0:
            raise PackageConfigInvalid(f"{FILE} names no key point.")
        super().__init__(config, class_names, recommended)
        self.metadata = metadata

    @property
    def extras(self) -> int:
        """Numbers that the network adds to each box."""
        return NUMBERS * self.metadata.places

    def placed(self, found: Candidates, geometry: Geometry, parameters: InferenceParameters) -> KeyPoints:
        """The boxes that are left over and their key points, on the image."""
        require_names(found.class_id, len(self.class_names))
        points = found.extra.reshape(len(found.class_id), self.metadata.places, NUMBERS)
        least = parameters.key_points_threshold
        least = self.default_key_points_threshold if least is None else least
        own = np.array([len(names) for names in self.metadata.names])[found.class_id]
        confidence = as_scores(points[:, :, 2])
        hidden = (np.arange(self.metadata.places) >= own[:, None]) | (confidence < np.float32(least))
        key_points = KeyPoints(
            boxes=Detections(
                xyxy=to_image(found.xyxy, geometry),
                class_id=found.class_id,
                confidence=found.confidence,
                class_names=self.class_names,
                image_size=geometry.original,
            ),
            xy=np.where(hidden[:, :, None], np.float32(0), points_to_image(points[:, :, :2], geometry)),
            confidence=np.where(hidden, np.float32(0), confidence),
            names=self.metadata.names,
            skeletons=self.metadata.skeletons,
        )
        return keep_classes(key_points, parameters.class_filter)


class YoloV8KeyPoints(YoloKeyPoints):
    """Output (4 + classes + 3 x key points, candidates), or with fused suppression (candidates, 6 + 3 x key points).

    With fused suppression the network has chosen already: of the parameters only the two thresholds count.
    """

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        require_nms(config)
        return super().adapt(config)

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> KeyPoints:
        threshold = self.threshold(parameters)
        if require_nms(self.config):
            found = read_final(outputs[0], self.extras, threshold, strict=False)
        else:
            found = read_raw(outputs[0], self.extras, threshold, parameters)
        return self.placed(found, geometry, parameters)
