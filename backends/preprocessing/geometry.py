"""Where the image lies in the network's input, and the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backends.errors import BadImage, UnsupportedPackage
from backends.inference_config import DivisiblePadding, NetworkInput, ResizeMode

Size = tuple[int, int]
"""(height, width) in pixels."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """How one image was laid into the network's input.

    ``original``: (height, width) of the image given. ``crop_left``, ``crop_top`` and ``cropped``: the static crop,
    in pixels of the image. ``resized``: size to which the crop was scaled. ``network``: size of the network's
    input, or of what is stretched to it where a family resizes twice. ``pad_*``: pixels of the input around the scaled
    crop; negative where the crop was cut off instead.
    ``scale_x``, ``scale_y``: pixels of the input for each pixel of the crop.
    """

    original: Size
    crop_left: int
    crop_top: int
    cropped: Size
    resized: Size
    network: Size
    pad_left: int
    pad_top: int
    pad_right: int
    pad_bottom: int
    scale_x: float
    scale_y: float


def network_size(network_input: NetworkInput, wanted: Size | None, image: Size) -> Size:
    """The (height, width) that the network shall see.

    A wish counts only where the package supports other sizes than that of its training; otherwise it is ignored, as
    in the reference library. ``image`` is the size after the static crop, used where no size is known at all.
    """
    training = network_input.training_input_size
    if training is None:
        return wanted or image
    size = (training.height, training.width)
    if wanted is None or wanted == size or not network_input.dynamic_spatial_size_supported:
        return size
    mode = network_input.dynamic_spatial_size_mode
    if mode is None:
        raise UnsupportedPackage("The package says that it takes other sizes, but not which.")
    if isinstance(mode, DivisiblePadding):
        step = mode.value
        return math.ceil(wanted[0] / step) * step, math.ceil(wanted[1] / step) * step
    return wanted


def plan(mode: ResizeMode, original: Size, crop: tuple[int, int, int, int], network: Size) -> Geometry:
    """Lays an image into the network's input.

    ``crop``: left, top, right, bottom of the static crop in pixels of the image. Raises BadImage if the image is
    so narrow that nothing of it would be left.
    """
    left, top, right, bottom = crop
    cropped = (bottom - top, right - left)
    if min(cropped) < 1:
        raise BadImage("Nothing is left of the image after the package's static crop.")
    if mode == "stretch":
        resized = network
        scale_x, scale_y = network[1] / cropped[1], network[0] / cropped[0]
    elif mode == "center-crop":
        resized = cropped
        scale_x = scale_y = 1.0
    elif mode == "fit-longer-edge":
        resized = network = _fit_longer_edge(cropped, network)
        scale_x, scale_y = resized[1] / cropped[1], resized[0] / cropped[0]
    else:
        # letterbox-reflect-edges too: the reference pads it with a constant like the other.
        scale_x = scale_y = min(network[1] / cropped[1], network[0] / cropped[0])
        resized = (int(cropped[0] * scale_y), int(cropped[1] * scale_x))
    if min(resized) < 1:
        raise BadImage("The image is too narrow: nothing of it is left at the size that the network takes.")
    pad_left, pad_right = _pads(network[1] - resized[1])
    pad_top, pad_bottom = _pads(network[0] - resized[0])
    return Geometry(
        original=original,
        crop_left=left,
        crop_top=top,
        cropped=cropped,
        resized=resized,
        network=network,
        pad_left=pad_left,
        pad_top=pad_top,
        pad_right=pad_right,
        pad_bottom=pad_bottom,
        scale_x=scale_x,
        scale_y=scale_y,
    )


def _pads(room: int) -> tuple[int, int]:
    """Room on both sides, the odd pixel behind; the same when it is negative, which cuts off."""
    before = int(room / 2)
    return before, room - before


def _fit_longer_edge(cropped: Size, network: Size) -> Size:
    scale_x, scale_y = network[1] / cropped[1], network[0] / cropped[0]
    if scale_x < scale_y:
        return round(scale_x * cropped[0]), network[1]
    return network[0], round(scale_y * cropped[1])
