"""Where faces look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.postprocessing.checking import require_finite
from backends.predictions.forms import MaskFormat


@dataclass(frozen=True, slots=True, eq=False)
class Gaze:
    """The directions of N faces. ``yaw`` and ``pitch``: float32 (N,), radians, as the network gives them."""

    yaw: npt.NDArray[np.float32]
    pitch: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        """Raises OutputNotFinite."""
        require_finite(self.yaw, self.pitch)

    def __len__(self) -> int:
        return len(self.yaw)

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """Plain values for JSON: ``{"predictions": [{"yaw", "pitch"}, ...]}``, radians."""
        pairs = zip(self.yaw.tolist(), self.pitch.tolist(), strict=True)
        return {"predictions": [{"yaw": yaw, "pitch": pitch} for yaw, pitch in pairs]}

    def to_supervision(self) -> Any:
        """Supervision has no counterpart: float32 (N, 2) of yaw and pitch."""
        return np.stack((self.yaw, self.pitch), axis=1)
