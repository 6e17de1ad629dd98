"""A distance for each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.postprocessing.checking import require_finite
from backends.predictions.forms import ImageSize, MaskFormat, size_to_json


@dataclass(frozen=True, slots=True, eq=False)
class Depth:
    """How far each pixel is, in the unit of the network, which is metres for those of metric depth.

    ``values``: float32 (height, width). ``image_size``: (height, width) of the image, which is that of ``values`` but
    where a package's static crop leaves it smaller.
    """

    values: npt.NDArray[np.float32]
    image_size: ImageSize

    def __post_init__(self) -> None:
        """Raises OutputNotFinite."""
        require_finite(self.values)

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """``{"image", "depth_map"}``: the map is the array."""
        height, width = self.values.shape
        return {**size_to_json((height, width), self.image_size), "depth_map": self.values}

    def to_supervision(self) -> Any:
        """Supervision has no counterpart: the values themselves."""
        return self.values
