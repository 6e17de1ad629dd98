from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from backends.preprocessing.contrast import enhance, equalize, equalize_adaptive, stretch


def _image(height: int = 60, width: int = 83, low: int = 40, high: int = 160) -> np.ndarray:
    """A gradient with noise: dull, with all kinds of hues."""
    random = np.random.default_rng(7)
    ramp = np.linspace(low, high, width)[None, :, None] + random.normal(0, 9, (height, width, 3))
    return np.clip(ramp * [1.0, 0.8, 0.6], 0, 255).astype(np.uint8)


def test_stretching_uses_the_whole_range() -> None:
    enhanced = stretch(_image())
    assert enhanced.min() == 0
    assert enhanced.max() == 255


def test_stretching_leaves_an_image_of_one_value() -> None:
    flat = np.full((5, 5, 3), 9, dtype=np.uint8)
    np.testing.assert_array_equal(stretch(flat), flat)


def test_percentiles_are_those_of_numpy() -> None:
    image = _image()
    low, high = np.percentile(image, 2), np.percentile(image, 98)
    expected = ((np.clip(image, low, high) - low) / (high - low) * 255).astype(np.uint8)
    np.testing.assert_array_equal(stretch(image), expected)


def test_equalising_spreads_the_values_evenly() -> None:
    counts, _ = np.histogram(equalize(_image()), bins=4, range=(0, 256))
    assert counts.min() > 0.8 * counts.max()


def test_adaptive_equalising_keeps_the_hue() -> None:
    image = _image()
    enhanced = equalize_adaptive(image).astype(float)
    bright = enhanced.max(axis=2) > 100
    before = image[bright][:, 1] / image[bright][:, 0]
    after = enhanced[bright][:, 1] / enhanced[bright][:, 0]
    assert np.abs(before - after).max() < 0.02
    assert enhanced.std() > 1.3 * image.astype(float).std()


def test_adaptive_equalising_takes_images_smaller_than_its_tiles() -> None:
    assert equalize_adaptive(_image(3, 5)).shape == (3, 5, 3)


@pytest.mark.torch
@pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="needs scikit-image; run by make conformance")
@pytest.mark.parametrize("size", [(60, 83), (8, 8), (3, 5), (131, 40)])
def test_all_three_equal_scikit_image(size: tuple[int, int]) -> None:
    from skimage import exposure

    image = _image(*size)
    floats = image.astype(np.float32) / 255
    expected = {
        "Adaptive Equalization": exposure.equalize_adapthist(floats, clip_limit=0.03) * 255,
        "Contrast Stretching": exposure.rescale_intensity(
            image, in_range=(np.percentile(image, 2), np.percentile(image, 98))
        ),
        "Histogram Equalization": exposure.equalize_hist(floats) * 255,
    }
    for contrast_type, answer in expected.items():
        np.testing.assert_array_equal(enhance(image, contrast_type), answer.astype(np.uint8))  # type: ignore[arg-type]
