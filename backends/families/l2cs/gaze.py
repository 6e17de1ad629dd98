"""Gaze by L2CS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from backends.errors import NetworkMismatch
from backends.families.family import Family, PrepareImage
from backends.inference_config import InferenceConfig, NetworkInput, Size
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.predictions import Gaze
from backends.preprocessing import Geometry
from backends.preprocessing.antialiased import BILINEAR, resize
from backends.preprocessing.geometry import plan
from backends.preprocessing.preprocessor import check_image
from backends.session import Array, Session

SIDE = 448
# Of ImageNet.
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
_CONFIG = InferenceConfig(
    network_input=NetworkInput(
        training_input_size=Size(height=SIDE, width=SIDE),
        dynamic_spatial_size_supported=False,
        color_mode="rgb",
        resize_mode="stretch",
        input_channels=3,
        scaling_factor=255,
        normalization=(MEAN, DEVIATION),
    ),
)


class L2csGaze(Family):
    """Two outputs of one number each: yaw and pitch in radians, in this order. The image is a face.

    Nothing beside the network is read.
    """

    outputs_needed = 2
    takes_image_size = False

    @classmethod
    def read(cls, directory: Path, recommended: RecommendedParameters | None = None) -> Self:
        return cls(_CONFIG, (), recommended)

    def check_session(self, session: Session) -> None:
        sides = session.inputs[0].shape[2:]
        if any(side not in (SIDE, None) for side in sides):
            raise NetworkMismatch(f"The network does not take images of {SIDE} x {SIDE} pixels, as L2CS does.")
        super().check_session(session)

    def make_preprocessor(self, session: Session) -> PrepareImage:
        return prepare_face

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Gaze:
        yaw, pitch = (np.asarray(output) for output in outputs[:2])
        if yaw.size != 1 or pitch.size != 1:
            raise NetworkMismatch("The network's outputs are not two angles for each image.")
        return Gaze(yaw.reshape(1), pitch.reshape(1))


def prepare_face(
    image: npt.NDArray[np.generic], parameters: InferenceParameters
) -> tuple[npt.NDArray[np.float32], Geometry]:
    """One image, uint8 (height, width, 3), stretched to a square: float32 (3, SIDE, SIDE). Raises BadImage."""
    pixels = check_image(image)
    height, width = pixels.shape[:2]
    order = (0, 1, 2) if parameters.input_color_format == "rgb" else (2, 1, 0)
    tensor = np.empty((3, SIDE, SIDE), dtype=np.float32)
    for plane, channel in enumerate(order):
        # Not rounded: the reference scales to 0..1 before it resizes.
        values = resize(pixels[:, :, channel], (SIDE, SIDE), BILINEAR) / np.float32(255)
        tensor[plane] = (values - np.float32(MEAN[plane])) / np.float32(DEVIATION[plane])
    return tensor, plan("stretch", (height, width), (0, 0, width, height), (SIDE, SIDE))
