"""How RF-DETR's images are prepared: resized as its training does it, by Pillow."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters
from backends.preprocessing import Geometry, Preprocessor
from backends.preprocessing.geometry import Size, plan
from backends.preprocessing.preprocessor import Image, Tensor, scaled


class RfDetrPreprocessor(Preprocessor):
    """Stretches every image to the network's input, in one step or in two.

    * The last step is Pillow's bilinear filter on eight bits, whose support grows when an image becomes smaller.
      OpenCV's does not, and gives other pixels.
    * ``resize_mode`` counts only beside ``dataset_version_resize_dimensions``: the image is first laid into a frame of
      that size, by OpenCV and with padding as elsewhere, and the frame is then stretched. Otherwise the image itself
      is, whatever the mode says.
    * The geometry is that of the first step: boxes and masks are relative to what was stretched.
    * Grey arrays of two dimensions are taken, where other families refuse them.
    """

    def __init__(self, config: InferenceConfig) -> None:
        super().__init__(config)
        dimensions = config.network_input.dataset_version_resize_dimensions
        self._frame: Size | None = None
        if dimensions is not None and config.network_input.resize_mode != "stretch":
            self._frame = (dimensions.height, dimensions.width)

    def __call__(self, image: npt.NDArray[np.generic], parameters: InferenceParameters) -> tuple[Tensor, Geometry]:
        if image.ndim == 2:
            image = np.repeat(image[:, :, None], 3, axis=2)
        return super().__call__(image, parameters)

    def _plan(self, original: Size, crop: tuple[int, int, int, int], size: Size) -> Geometry:
        if self._frame is None:
            return plan("stretch", original, crop, size)
        return plan(self._network_input.resize_mode, original, crop, self._frame)

    def _fill(self, pixels: Image, geometry: Geometry, size: Size, swap: bool) -> Tensor:
        if self._frame is not None:
            pixels = self._framed(pixels, geometry)
        height, width = size
        stretched = Pillow.fromarray(np.ascontiguousarray(pixels)).resize((width, height), Pillow.Resampling.BILINEAR)
        return self._lay_out(np.asarray(stretched), size, (0, 0), swap)

    def _framed(self, pixels: Image, geometry: Geometry) -> Image:
        top, bottom, left, right = (
            max(pad, 0) for pad in (geometry.pad_top, geometry.pad_bottom, geometry.pad_left, geometry.pad_right)
        )
        grey = [self._padding] * 3
        content = scaled(pixels, geometry)
        framed = cv2.copyMakeBorder(content, top, bottom, left, right, borderType=cv2.BORDER_CONSTANT, value=grey)
        return np.asarray(framed, dtype=np.uint8)
