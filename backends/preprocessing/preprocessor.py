"""Prepares images for one package: crop, grey, contrast, resize, colour order, scaling, normalisation.

Scaling and normalisation are functions of one eight-bit value and the channel, so they are a table of 256 entries a
channel here, computed once in the reference's arithmetic; an image is converted by one look-up a value, straight
into its place in the network's input.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from backends.errors import BadImage
from backends.inference_config import InferenceConfig, NetworkInput
from backends.parameters import InferenceParameters
from backends.preprocessing.contrast import enhance
from backends.preprocessing.geometry import Geometry, Size, network_size, plan

Image = npt.NDArray[np.uint8]
Tensor = npt.NDArray[np.float32]


def check_image(image: npt.NDArray[np.generic]) -> Image:
    """Returns the image as uint8 (height, width, 3), laid out so that OpenCV takes it.

    A fourth channel (transparency) is dropped. Raises BadImage for anything else: grey arrays of two dimensions,
    other types than uint8, no pixels.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (3, 4):
        raise BadImage("Images must be uint8 arrays of height x width x 3.")
    if image.size == 0:
        raise BadImage("The image has no pixels.")
    if image.shape[2] == 4:
        image = image[:, :, :3]
    height_stride, width_stride, channel_stride = image.strides
    if channel_stride != 1 or width_stride != 3 or height_stride < 3 * image.shape[1]:
        image = np.ascontiguousarray(image)
    return image  # type: ignore[return-value]


class Preprocessor:
    """Turns BGR images into what the network of one package takes. Safe to share between threads."""

    def __init__(self, config: InferenceConfig) -> None:
        self._steps = config.image_pre_processing
        self._network_input = config.network_input
        values = np.arange(256, dtype=np.float32)
        self._tables = [_to_network(values, channel, self._network_input) for channel in range(3)]
        cuts = self._network_input.resize_mode == "center-crop"
        self._padding = 0 if cuts else self._network_input.padding_value or 0
        self._paddings = [_to_network(np.float32(self._padding), channel, self._network_input) for channel in range(3)]

    def __call__(self, image: npt.NDArray[np.generic], parameters: InferenceParameters) -> tuple[Tensor, Geometry]:
        """Prepares one image, uint8 (height, width, 3).

        Returns the network's input, float32 (3, height, width), and where the image lies in it. Raises BadImage if
        the array is no image or too narrow for the network.
        """
        pixels = check_image(image)
        original = (pixels.shape[0], pixels.shape[1])
        crop = self._crop(original, parameters)
        left, top, right, bottom = crop
        # A request says width and height, everything here height and width.
        wanted = None if parameters.image_size is None else parameters.image_size[::-1]
        size = network_size(self._network_input, wanted, (bottom - top, right - left))
        geometry = self._plan(original, crop, size)
        pixels = self._enhance(pixels[top:bottom, left:right], parameters)
        swap = parameters.input_color_format != self._network_input.color_mode
        return self._fill(pixels, geometry, size, swap), geometry

    def _plan(self, original: Size, crop: tuple[int, int, int, int], size: Size) -> Geometry:
        """Where the image shall lie. ``crop``: left, top, right, bottom; ``size``: what the network shall see."""
        return plan(self._network_input.resize_mode, original, crop, size)

    def _fill(self, pixels: Image, geometry: Geometry, size: Size, swap: bool) -> Tensor:
        """The network's input with the image, which is cropped and enhanced. ``swap``: reverse the channels."""
        corner = (max(geometry.pad_top, 0), max(geometry.pad_left, 0))
        return self._lay_out(scaled(pixels, geometry), geometry.network, corner, swap)

    def _crop(self, original: Size, parameters: InferenceParameters) -> tuple[int, int, int, int]:
        height, width = original
        crop = self._steps.static_crop
        if crop is None or not crop.enabled or parameters.pre_processing_overrides.disable_static_crop:
            return 0, 0, width, height
        # Percent first, then pixels: the order decides how it rounds.
        return (
            int(crop.x_min / 100 * width),
            int(crop.y_min / 100 * height),
            int(crop.x_max / 100 * width),
            int(crop.y_max / 100 * height),
        )

    def _enhance(self, image: Image, parameters: InferenceParameters) -> Image:
        overrides = parameters.pre_processing_overrides
        grayscale, contrast = self._steps.grayscale, self._steps.contrast
        if grayscale is not None and grayscale.enabled and not overrides.disable_grayscale:
            code = cv2.COLOR_BGR2GRAY if parameters.input_color_format == "bgr" else cv2.COLOR_RGB2GRAY
            grey = cv2.cvtColor(image, code)
            image = np.asarray(cv2.merge((grey, grey, grey)), dtype=np.uint8)
        if contrast is not None and contrast.enabled and not overrides.disable_contrast_enhancement:
            image = enhance(image, contrast.type)
        return image

    def _lay_out(self, content: Image, size: Size, corner: tuple[int, int], swap: bool) -> Tensor:
        """The input of this (height, width), with the content from this (top, left) and padding around it."""
        (height, width), (top, left) = size, corner
        bottom, right = top + content.shape[0], left + content.shape[1]
        tensor = np.empty((3, height, width), dtype=np.float32)
        for channel, (table, padding) in enumerate(zip(self._tables, self._paddings, strict=True)):
            plane = tensor[channel]
            plane[:top] = plane[bottom:] = plane[top:bottom, :left] = plane[top:bottom, right:] = padding
            cv2.LUT(
                cv2.extractChannel(content, 2 - channel if swap else channel), table, dst=plane[top:bottom, left:right]
            )
        return tensor


def scaled(image: Image, geometry: Geometry) -> Image:
    """The part of the image that the network sees, at the scale in which it sees it."""
    height, width = image.shape[:2]
    if geometry.resized == (height, width):
        top, bottom = max(-geometry.pad_top, 0), height - max(-geometry.pad_bottom, 0)
        left, right = max(-geometry.pad_left, 0), width - max(-geometry.pad_right, 0)
        return image[top:bottom, left:right]
    resized = cv2.resize(image, (geometry.resized[1], geometry.resized[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, dtype=np.uint8)


def _to_network(
    value: npt.NDArray[np.float32] | np.float32, channel: int, network_input: NetworkInput
) -> npt.NDArray[np.float32]:
    """What the network sees for a value of 0 to 255 in one of its channels."""
    result = np.asarray(value, dtype=np.float32)
    if network_input.scaling_factor is not None:
        result = result / np.float32(network_input.scaling_factor)
    if network_input.normalization is not None:
        means, deviations = network_input.normalization
        result = (result - np.float32(means[channel])) / np.float32(deviations[channel])
    return np.asarray(result, dtype=np.float32)
