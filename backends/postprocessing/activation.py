"""What turns raw values into scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def sigmoid(values: Floats) -> Floats:
    """The logistic function, float32 of any shape, without overflow; NaN stays NaN."""
    # The power of a negative number cannot overflow.
    powers = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1, powers) / (1 + powers), dtype=np.float32)
