"""Resizing as torchvision does it with `antialias`, without torch: Pillow's filters on one channel of floats.

Pillow's resize of eight-bit images is another one: it rounds between the two directions, and a fifth of the pixels
differ by up to seven levels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

BILINEAR = Image.Resampling.BILINEAR
BICUBIC = Image.Resampling.BICUBIC

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels, in fractions where need be."""


def resize(
    channel: npt.NDArray[np.generic],
    size: tuple[int, int],
    resampling: Image.Resampling,
    box: Box | None = None,
) -> npt.NDArray[np.float32]:
    """One channel (height, width) at the ``size`` (height, width), float32.

    With ``box`` only that part is made; what lies beside it counts at its borders, as if all of it had been made. What
    a filter overshoots is left as it is.
    """
    height, width = size
    # A channel of an interleaved image is no array that Pillow could read in place.
    source = Image.fromarray(np.ascontiguousarray(channel, dtype=np.float32))
    return np.asarray(source.resize((width, height), resampling, box), dtype=np.float32)


def round_to_bytes(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Values as torchvision leaves them where the image was of bytes: from 0 to 255, halves to the even neighbour."""
    return np.rint(np.clip(values, 0, 255))
