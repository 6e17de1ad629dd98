"""RF-DETR's images against Pillow and OpenCV, step by step."""

from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from backends.errors import BadImage
from backends.families.rfdetr.detection import RfDetrDetection
from backends.families.rfdetr.preprocessing import RfDetrPreprocessor
from backends.inference_config import parse_inference_config
from backends.parameters import DEFAULTS, InferenceParameters
from backends.preprocessing import Geometry
from tests.backends.networks import SIDE, config

IMAGE = np.random.default_rng(5).integers(0, 256, (150, 200, 3), dtype=np.uint8)
FRAME = {"height": 100, "width": 160}
MEANS, DEVIATIONS = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def _prepare(
    image: np.ndarray = IMAGE, parameters: InferenceParameters = DEFAULTS, **changes: Any
) -> tuple[np.ndarray, Geometry]:
    settings = RfDetrDetection.adapt(parse_inference_config(json.dumps(config(**changes))))
    return RfDetrPreprocessor(RfDetrDetection.adapt(settings))(image, parameters)


def _stretched(image: np.ndarray) -> np.ndarray:
    """float32 (3, side, side), the values of the resized image in RGB, not scaled."""
    small = np.asarray(Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    return small[:, :, ::-1].transpose(2, 0, 1).astype(np.float32)


@pytest.mark.parametrize("mode", ["stretch", "letterbox", "center-crop", "letterbox-reflect-edges", "fit-longer-edge"])
def test_an_image_is_stretched_whatever_the_mode(mode: str) -> None:
    tensor, geometry = _prepare(resize_mode=mode)
    np.testing.assert_array_equal(tensor, _stretched(IMAGE) / 255)
    assert (geometry.network, geometry.pad_left, geometry.pad_top) == ((SIDE, SIDE), 0, 0)
    assert (geometry.scale_x, geometry.scale_y) == (SIDE / 200, SIDE / 150)


def test_a_letterbox_of_the_data_set_comes_before() -> None:
    tensor, geometry = _prepare(resize_mode="letterbox", padding_value=114, dataset_version_resize_dimensions=FRAME)
    content = cv2.resize(IMAGE, (133, 100))
    framed = cv2.copyMakeBorder(content, 0, 0, 13, 14, cv2.BORDER_CONSTANT, value=(114, 114, 114))
    np.testing.assert_array_equal(tensor, _stretched(framed) / 255)
    assert (geometry.network, geometry.pad_left, geometry.pad_right) == ((100, 160), 13, 14)


def test_a_center_crop_of_the_data_set_comes_before_on_black() -> None:
    image = IMAGE[:80]
    tensor, geometry = _prepare(
        image, resize_mode="center-crop", padding_value=114, dataset_version_resize_dimensions=FRAME
    )
    framed = cv2.copyMakeBorder(image[:, 20:180], 10, 10, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    np.testing.assert_array_equal(tensor, _stretched(framed) / 255)
    assert (geometry.pad_left, geometry.pad_top) == (-20, 10)


@pytest.mark.parametrize("mode", ["stretch", "fit-longer-edge"])
def test_a_stretch_of_the_data_set_is_part_of_the_one_stretch(mode: str) -> None:
    tensor, geometry = _prepare(resize_mode=mode, dataset_version_resize_dimensions=FRAME)
    np.testing.assert_array_equal(tensor, _stretched(IMAGE) / 255)
    assert geometry.network == (SIDE, SIDE)


def test_values_are_normalised_after_they_were_scaled_to_one() -> None:
    tensor, _ = _prepare(scaling_factor=128, normalization=[MEANS, DEVIATIONS])
    wanted = (_stretched(IMAGE) / 255 - np.reshape(MEANS, (3, 1, 1))) / np.reshape(DEVIATIONS, (3, 1, 1))
    np.testing.assert_allclose(tensor, wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("factor", "divisor"), [(None, 255), (128, 128)])
def test_another_scaling_counts_only_without_normalization(factor: float | None, divisor: float) -> None:
    tensor, _ = _prepare(scaling_factor=factor)
    np.testing.assert_allclose(tensor, _stretched(IMAGE) / divisor, rtol=1e-6)


def test_a_network_for_bgr_gets_bgr() -> None:
    tensor, _ = _prepare(color_mode="bgr")
    np.testing.assert_array_equal(tensor, _stretched(IMAGE)[::-1] / 255)


def test_a_grey_array_is_an_image() -> None:
    grey = IMAGE[:, :, 0]
    np.testing.assert_array_equal(_prepare(grey)[0], _stretched(np.stack([grey] * 3, axis=2)) / 255)


def test_an_image_of_one_row_is_an_image() -> None:
    assert _prepare(IMAGE[:1])[0].shape == (3, SIDE, SIDE)


def test_an_image_too_narrow_for_the_letterbox_is_rejected() -> None:
    with pytest.raises(BadImage):
        _prepare(IMAGE[:1], resize_mode="letterbox", dataset_version_resize_dimensions=FRAME)
