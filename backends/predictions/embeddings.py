"""Vectors of images or texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.postprocessing.checking import require_finite
from backends.predictions.forms import MaskFormat


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """Vectors of N images or texts: float32 (N, D), as the network gives them, not normalised."""

    vectors: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        """Raises OutputNotFinite."""
        require_finite(self.vectors)

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """Plain values for JSON: ``{"embeddings": [[...], ...]}``."""
        return {"embeddings": self.vectors.tolist()}

    def to_supervision(self) -> Any:
        """Supervision has no counterpart of embeddings: the vectors themselves."""
        return self.vectors
