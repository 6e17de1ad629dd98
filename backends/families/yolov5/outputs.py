"""The layout that YOLOv5 and YOLOv7 share: a row a candidate, with a column of objectness before the classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from backends.families.yolov8.outputs import Candidates, require_shape

Floats = npt.NDArray[np.float32]
ClassIds = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

OBJECTNESS = 4
"""Column behind centre x, centre y, width and height."""


def read_columns(output: Floats, extras: int = 0) -> Floats:
    """The output (candidates, 5 + classes + ``extras``) of an image, if it is one. Raises NetworkMismatch."""
    wanted = f"(candidates, 5 + classes{f' + {extras}' if extras else ''})"
    require_shape(output, output.ndim == 2 and output.shape[1] > OBJECTNESS + 1 + extras, wanted)
    return output


def without_nameless_class(found: Candidates, class_names: tuple[str, ...], last: int) -> Candidates:
    """Without the boxes of class id ``last``, which counting from the objectness made of the network's last class.

    Nothing is left out where the package has a name for it.
    """
    if last < len(class_names):
        return found
    kept = np.flatnonzero(found.class_id != last)
    return replace(
        found,
        xyxy=found.xyxy[kept],
        confidence=found.confidence[kept],
        class_id=found.class_id[kept],
        extra=found.extra[kept],
    )
