"""A class for each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from backends.postprocessing.checking import require_names
from backends.predictions.forms import ImageSize, MaskFormat, size_to_json

ClassMap = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class SemanticSegmentation:
    """The class of each pixel, and how sure it is.

    ``class_map``: uint8 or uint16 (height, width), indices into ``class_names``. ``confidence``: float32 of the same
    shape, 0 to 1. ``image_size``: (height, width) of the image, which is the maps' but where a package's static crop
    leaves them smaller.
    """

    class_map: ClassMap
    confidence: npt.NDArray[np.float32]
    class_names: tuple[str, ...]
    image_size: ImageSize

    def __post_init__(self) -> None:
        """Raises OutputUnusable for a class without a name."""
        require_names(self.class_map.max(keepdims=True).astype(np.int64).ravel(), len(self.class_names))

    @property
    def grid_size(self) -> ImageSize:
        """(height, width) of the maps."""
        height, width = self.class_map.shape
        return height, width

    def present_classes(self) -> list[int]:
        """Class ids that some pixel has, ascending."""
        count = len(self.class_names)
        pixels = cv2.calcHist([self.class_map], [0], None, [count], [0, count])
        return [int(class_id) for class_id in np.flatnonzero(pixels)]

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """``{"image", "predictions": {"segmentation_mask", "confidence_mask", "class_map", "present_class_ids"}}``.

        The two masks are arrays; ``class_map`` has the names by class id, as text.
        """
        answer = size_to_json(self.grid_size, self.image_size)
        answer["predictions"] = {
            "segmentation_mask": self.class_map,
            "confidence_mask": self.confidence,
            "class_map": {str(index): name for index, name in enumerate(self.class_names)},
            "present_class_ids": self.present_classes(),
        }
        return answer

    def to_supervision(self) -> Any:
        """Supervision has no counterpart: the class of each pixel."""
        return self.class_map
