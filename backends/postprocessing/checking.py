"""What a network's answer must be before it is called a prediction.

Comparisons with NaN are false, so that `score > threshold` drops it without a word and `score < threshold` keeps it.
Families therefore keep what is *not below* their threshold, and hand what is left over to these functions: a few
rows, never the whole output.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from backends.errors import OutputNotFinite, OutputUnusable

Floats = npt.NDArray[np.float32]

ROUNDING = 1 / 1024
"""How far half precision may round a score beyond 0 or 1."""


def require_finite(*values: npt.NDArray[Any]) -> None:
    """Raises OutputNotFinite if any of the values is NaN or infinite."""
    if not all(np.isfinite(array).all() for array in values):
        raise OutputNotFinite(
            "The network's output is not finite: it holds NaN or infinity where a prediction would be. "
            "Export the model anew, in fp32 if this one is of half precision."
        )


def as_scores(values: Floats) -> Floats:
    """The values as scores of 0 to 1, rounding forgiven. Raises OutputNotFinite and OutputUnusable."""
    require_finite(values)
    wrong = (values < -ROUNDING) | (values > 1 + ROUNDING)
    if wrong.any():
        raise OutputUnusable(
            f"The network answered with a confidence of {float(values[wrong][0]):.6g}, which is not between 0 and 1: "
            "its head is another than the model's architecture and settings say."
        )
    scores: Floats = np.clip(values, 0, 1)
    return scores


def require_names(class_id: npt.NDArray[np.int64], names: int) -> None:
    """Raises OutputUnusable for a class id without a name; ``names`` is how many there are."""
    nameless = (class_id < 0) | (class_id >= names)
    if nameless.any():
        raise OutputUnusable(
            f"The network found class {int(class_id[nameless][0])}, and the package has names for {names} classes, "
            "counted from 0. A curator publishes it anew with a class_names.txt that fits the network."
        )
