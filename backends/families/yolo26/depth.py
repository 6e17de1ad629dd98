"""Distances with YOLO26."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from backends.errors import NetworkMismatch
from backends.families.family import Family
from backends.inference_config import read_inference_config
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.checking import require_finite
from backends.postprocessing.pixel_maps import on_image, pixel_grid
from backends.predictions import Depth
from backends.preprocessing import Geometry
from backends.session import Array


class Yolo26Depth(Family):
    """Output (1, height, width) or (height, width): metres, passed through. There are no classes and no thresholds.

    What the network did not see of an image is at 0 metres.
    """

    @classmethod
    def read(cls, directory: Path, recommended: RecommendedParameters | None = None) -> Self:
        return cls(cls.adapt(read_inference_config(directory)), (), recommended)

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Depth:
        metres = outputs[0]
        if metres.ndim == 3 and metres.shape[0] == 1:
            metres = metres[0]
        if metres.ndim != 2 or metres.size == 0:
            raise NetworkMismatch("The network's output is not one map of distances for each image.")
        require_finite(metres)
        height, width = metres.shape
        placed = pixel_grid((height, width), geometry).on_crop(np.asarray(metres, dtype=np.float32), 0)
        return Depth(on_image(placed, geometry, 0), geometry.original)
