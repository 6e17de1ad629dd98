"""Maps that a network answers at its own size, laid onto the image: logits, and distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from backends.preprocessing.antialiased import BILINEAR, resize
from backends.preprocessing.geometry import Geometry

Floats = npt.NDArray[np.float32]
Number = TypeVar("Number", bound=np.generic)
Size = tuple[int, int]
"""(height, width) in pixels."""


@dataclass(frozen=True, slots=True)
class PixelGrid:
    """How maps of one size lie on an image.

    ``top``, ``bottom``, ``left``, ``right``: pixels of the map that are padding; negative where the image was cut off
    instead, so that pixels are missing there. ``target``: (height, width) of the static crop in the image's pixels.
    """

    top: int
    bottom: int
    left: int
    right: int
    target: Size

    def on_crop(self, plane: Floats, missing: float) -> Floats:
        """One map (height, width) on the pixels of the static crop: ``missing`` where the network saw nothing.

        Resized as torchvision does it, on float32: bilinear, and with a filter as wide as the step where it shrinks.
        """
        height, width = plane.shape
        shown = plane[
            max(self.top, 0) : height - max(self.bottom, 0), max(self.left, 0) : width - max(self.right, 0)
        ].astype(np.float32, copy=False)
        around = [-min(side, 0) for side in (self.top, self.bottom, self.left, self.right)]
        if any(around):
            top, bottom, left, right = around
            shown = np.pad(shown, ((top, bottom), (left, right)), constant_values=missing)
        if shown.shape == self.target:
            return shown
        if shown.shape[0] <= self.target[0] and shown.shape[1] <= self.target[1]:
            # The same filter as below and ten times as fast, where nothing shrinks.
            enlarged = cv2.resize(shown, (self.target[1], self.target[0]), interpolation=cv2.INTER_LINEAR)
            return np.asarray(enlarged, dtype=np.float32)
        return resize(shown, self.target, BILINEAR)


def pixel_grid(size: Size, geometry: Geometry) -> PixelGrid:
    """How maps of ``size`` (height, width), which cover the network's whole input, lie on the image."""
    scale_y, scale_x = size[0] / geometry.network[0], size[1] / geometry.network[1]
    top, bottom = round(scale_y * geometry.pad_top), round(scale_y * geometry.pad_bottom)
    left, right = round(scale_x * geometry.pad_left), round(scale_x * geometry.pad_right)
    # A small map of a narrow image can be all padding by that; one row or column of it is the image.
    if max(top, 0) + max(bottom, 0) >= size[0]:
        top = min(top, size[0] - 1)
        bottom = size[0] - 1 - top
    if max(left, 0) + max(right, 0) >= size[1]:
        left = min(left, size[1] - 1)
        right = size[1] - 1 - left
    return PixelGrid(top, bottom, left, right, geometry.cropped)


def on_image(plane: npt.NDArray[Number], geometry: Geometry, beside: float) -> npt.NDArray[Number]:
    """A map of the static crop's pixels on the whole image, with ``beside`` around it.

    A crop that begins at the image's upper left corner stays a map of the crop's own size: the reference library does
    not lay that one out either, and its clients know the map's size from the answer.
    """
    if geometry.crop_left <= 0 and geometry.crop_top <= 0:
        return plane
    whole = np.full(geometry.original, beside, dtype=plane.dtype)
    height, width = plane.shape
    whole[geometry.crop_top : geometry.crop_top + height, geometry.crop_left : geometry.crop_left + width] = plane
    return whole
