"""What the families of key points have in common."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from backends.errors import PackageConfigInvalid
from backends.families.family import Family
from backends.inference_config import InferenceConfig, read_inference_config
from backends.key_points_metadata import FILE, KeyPointsMetadata, read_key_points_metadata
from backends.package_files import read_class_names
from backends.parameters import InferenceParameters, RecommendedParameters


class KeyPointFamily(Family):
    """The names of the points, and which of them are shown.

    Every network answers as many points for a box as the class with the most of them has, ``places``. What is beyond
    the names of the box's own class is hidden, and so is what is less sure than the threshold. ``metadata``: by the
    class ids that are answered.
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
        self.places = metadata.places
        self.metadata = metadata

    def hidden(
        self, class_id: npt.NDArray[np.int64], confidence: npt.NDArray[np.float32], parameters: InferenceParameters
    ) -> npt.NDArray[np.bool_]:
        """Which places of boxes with these classes (N,) are not shown, bool (N, places) like ``confidence``."""
        least = parameters.key_points_threshold
        least = self.default_key_points_threshold if least is None else least
        own = np.array([len(names) for names in self.metadata.names])[class_id]
        return (np.arange(self.places) >= own[:, None]) | (confidence < np.float32(least))
