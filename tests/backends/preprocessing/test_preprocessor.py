from __future__ import annotations

import json
from typing import Any

import cv2
import numpy as np
import pytest

from backends.errors import BadImage
from backends.inference_config import parse_inference_config
from backends.parameters import DEFAULTS, InferenceParameters, PreProcessingOverrides
from backends.preprocessing import Geometry, Preprocessor, check_image
from tests.backends.networks import config

IMAGE = np.random.default_rng(3).integers(0, 256, (48, 96, 3), dtype=np.uint8)


def _prepare(
    steps: dict[str, Any] | None = None,
    image: np.ndarray = IMAGE,
    parameters: InferenceParameters = DEFAULTS,
    **changes: Any,
) -> tuple[np.ndarray, Geometry]:
    document = config(**changes) | {"image_pre_processing": steps}
    return Preprocessor(parse_inference_config(json.dumps(document)))(image, parameters)


def _rgb(image: np.ndarray) -> np.ndarray:
    return image[:, :, ::-1].transpose(2, 0, 1).astype(np.float32) / 255


def test_a_stretched_image_is_scaled_to_one() -> None:
    tensor, _ = _prepare()
    np.testing.assert_array_equal(tensor, _rgb(cv2.resize(IMAGE, (64, 64))))
    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous


def test_a_network_for_bgr_gets_bgr() -> None:
    tensor, _ = _prepare(color_mode="bgr")
    np.testing.assert_array_equal(tensor, _rgb(cv2.resize(IMAGE, (64, 64)))[::-1])


def test_images_in_rgb_order_can_be_given() -> None:
    tensor, _ = _prepare(image=IMAGE[:, :, ::-1], parameters=InferenceParameters(input_color_format="rgb"))
    np.testing.assert_array_equal(tensor, _prepare()[0])


def test_a_letterbox_is_filled_with_the_padding_value() -> None:
    tensor, geometry = _prepare(resize_mode="letterbox", padding_value=127)
    assert (geometry.pad_top, geometry.pad_bottom) == (16, 16)
    np.testing.assert_array_equal(tensor[:, :16], np.float32(127) / np.float32(255))
    np.testing.assert_array_equal(tensor[:, 16:48], _rgb(cv2.resize(IMAGE, (64, 32))))


def test_a_center_crop_is_padded_with_black() -> None:
    tensor, _ = _prepare(resize_mode="center-crop", padding_value=127)
    np.testing.assert_array_equal(tensor[:, :8], 0)
    np.testing.assert_array_equal(tensor[:, 8:56], _rgb(IMAGE[:, 16:80]))


def test_without_a_scaling_factor_values_stay_as_they_are() -> None:
    tensor, _ = _prepare(scaling_factor=None)
    np.testing.assert_array_equal(tensor, np.rint(_rgb(cv2.resize(IMAGE, (64, 64))) * 255))


def test_normalisation_comes_after_scaling() -> None:
    tensor, _ = _prepare(normalization=[[0.5, 0.4, 0.3], [0.2, 0.25, 0.5]])
    means = np.array([0.5, 0.4, 0.3], dtype=np.float32)[:, None, None]
    deviations = np.array([0.2, 0.25, 0.5], dtype=np.float32)[:, None, None]
    expected = (_rgb(cv2.resize(IMAGE, (64, 64))) - means) / deviations
    np.testing.assert_allclose(tensor, expected, rtol=1e-6)


CROP = {"static-crop": {"enabled": True, "x_min": 25, "x_max": 75, "y_min": 10, "y_max": 90}}


def test_a_static_crop_is_in_percent() -> None:
    tensor, geometry = _prepare(CROP)
    assert (geometry.crop_left, geometry.crop_top, geometry.cropped) == (24, 4, (39, 48))
    np.testing.assert_array_equal(tensor, _rgb(cv2.resize(IMAGE[4:43, 24:72], (64, 64))))


def test_grey_comes_before_the_resize() -> None:
    tensor, _ = _prepare({"grayscale": {"enabled": True}})
    grey = cv2.resize(cv2.cvtColor(IMAGE, cv2.COLOR_BGR2GRAY), (64, 64))
    for channel in tensor:
        np.testing.assert_array_equal(channel, grey.astype(np.float32) / 255)


@pytest.mark.parametrize(
    ("steps", "override"),
    [
        (CROP, "disable_static_crop"),
        ({"grayscale": {"enabled": True}}, "disable_grayscale"),
        ({"contrast": {"enabled": True, "type": "Contrast Stretching"}}, "disable_contrast_enhancement"),
    ],
)
def test_steps_can_be_left_out(steps: dict[str, Any], override: str) -> None:
    overrides = PreProcessingOverrides(**{override: True})
    with_step, _ = _prepare(steps)
    without, _ = _prepare(steps, parameters=InferenceParameters(pre_processing_overrides=overrides))
    plain, _ = _prepare()
    np.testing.assert_array_equal(without, plain)
    assert not np.array_equal(with_step, plain)


def test_steps_that_are_switched_off_do_nothing() -> None:
    steps = {
        "grayscale": {"enabled": False},
        "contrast": {"enabled": False, "type": "Adaptive Equalization"},
        "static-crop": CROP["static-crop"] | {"enabled": False},
    }
    np.testing.assert_array_equal(_prepare(steps)[0], _prepare()[0])


def test_views_of_arrays_are_taken() -> None:
    view = IMAGE[::2, ::-1]
    np.testing.assert_array_equal(_prepare(image=view)[0], _prepare(image=np.ascontiguousarray(view))[0])


def test_transparency_is_dropped() -> None:
    transparent = cv2.cvtColor(IMAGE, cv2.COLOR_BGR2BGRA)
    np.testing.assert_array_equal(_prepare(image=transparent)[0], _prepare()[0])


def test_a_wish_for_a_size_counts_for_dynamic_packages() -> None:
    tensor, _ = _prepare(
        dynamic_spatial_size_supported=True,
        dynamic_spatial_size_mode={"type": "pad-to-be-divisible", "value": 32},
        parameters=InferenceParameters(image_size=(100, 90)),
    )
    assert tensor.shape == (3, 96, 128)


def test_the_image_is_not_changed() -> None:
    before = IMAGE.copy()
    _prepare({"grayscale": {"enabled": True}, "contrast": {"enabled": True, "type": "Histogram Equalization"}})
    np.testing.assert_array_equal(IMAGE, before)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((8, 8), dtype=np.uint8),
        np.zeros((8, 8, 1), dtype=np.uint8),
        np.zeros((8, 8, 3), dtype=np.float32),
        np.zeros((0, 8, 3), dtype=np.uint8),
        np.zeros((1, 8, 8, 3), dtype=np.uint8),
    ],
)
def test_it_rejects_arrays_that_are_no_images(array: np.ndarray) -> None:
    with pytest.raises(BadImage):
        check_image(array)
