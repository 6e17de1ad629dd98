"""How CLIP sees an image: its middle, resized by cubic filters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backends.errors import BadImage
from backends.parameters import InferenceParameters
from backends.preprocessing.antialiased import BICUBIC, resize, round_to_bytes
from backends.preprocessing.geometry import Geometry
from backends.preprocessing.preprocessor import check_image

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


class ClipImages:
    """Prepares images for a network that takes squares of ``side`` pixels. Safe to share between threads.

    The shorter side is resized to ``side``, and the middle is cut out, before values are scaled and normalised. Only
    that middle is made, as a narrow image would become a very long one.
    """

    def __init__(self, side: int) -> None:
        self._side = side

    def __call__(
        self, image: npt.NDArray[np.generic], parameters: InferenceParameters
    ) -> tuple[npt.NDArray[np.float32], Geometry]:
        """Prepares one image, uint8 (height, width, 3): float32 (3, side, side), and where the image lies in it.

        Raises BadImage if the array is no image, or has a fourth channel.
        """
        if image.ndim != 3 or image.shape[2] != 3:
            raise BadImage("Images for this model must be uint8 arrays of height x width x 3.")
        pixels = check_image(image)
        geometry = self._plan((pixels.shape[0], pixels.shape[1]))
        height, width = geometry.original
        scale_y, scale_x = height / geometry.resized[0], width / geometry.resized[1]
        left, top = -geometry.pad_left, -geometry.pad_top
        box = (
            left * scale_x,
            top * scale_y,
            min((left + self._side) * scale_x, width),
            min((top + self._side) * scale_y, height),
        )
        order = (0, 1, 2) if parameters.input_color_format == "rgb" else (2, 1, 0)
        tensor = np.empty((3, self._side, self._side), dtype=np.float32)
        for plane, channel in enumerate(order):
            values = round_to_bytes(resize(pixels[:, :, channel], geometry.network, BICUBIC, box))
            tensor[plane] = (values / np.float32(255) - np.float32(MEAN[plane])) / np.float32(DEVIATION[plane])
        return tensor, geometry

    def _plan(self, original: tuple[int, int]) -> Geometry:
        side = self._side
        shorter = min(original)
        height, width = (side if length == shorter else int(side * length / shorter) for length in original)
        # Halves to the even neighbour.
        top, left = round((height - side) / 2), round((width - side) / 2)
        return Geometry(
            original=original,
            crop_left=0,
            crop_top=0,
            cropped=original,
            resized=(height, width),
            network=(side, side),
            pad_left=-left,
            pad_top=-top,
            pad_right=side - width + left,
            pad_bottom=side - height + top,
            scale_x=width / original[1],
            scale_y=height / original[0],
        )
