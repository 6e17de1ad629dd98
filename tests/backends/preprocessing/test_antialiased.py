"""Images are resized as torchvision does it, which is compared where it is installed (make conformance)."""

from __future__ import annotations

import numpy as np
import pytest

from backends.preprocessing.antialiased import BICUBIC, BILINEAR, resize, round_to_bytes

SIZES = [((40, 60), (20, 30)), ((40, 60), (17, 93)), ((5, 3), (64, 48)), ((1, 200), (9, 31)), ((300, 2), (30, 30))]


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width), dtype=np.uint8)


def test_an_image_of_the_right_size_stays_as_it_is() -> None:
    image = noise(12, 9)
    np.testing.assert_array_equal(resize(image, (12, 9), BICUBIC), image)


def test_a_smaller_image_is_the_mean_of_what_it_stands_for() -> None:
    image = np.kron(noise(4, 4), np.ones((8, 8), dtype=np.uint8))
    np.testing.assert_allclose(resize(image, (1, 1), BILINEAR)[0, 0], image.mean(), rtol=0.15)


def test_a_cubic_filter_overshoots_and_bytes_do_not() -> None:
    image = np.repeat(np.array([[0, 255]], dtype=np.uint8), 8, axis=0)
    large = resize(image, (8, 64), BICUBIC)
    assert large.min() < 0
    assert large.max() > 255
    assert round_to_bytes(large).min() == 0
    assert round_to_bytes(large).max() == 255


def test_halves_are_rounded_to_the_even_neighbour() -> None:
    np.testing.assert_array_equal(round_to_bytes(np.array([0.5, 1.5, 2.5], dtype=np.float32)), [0, 2, 2])


@pytest.mark.parametrize("resampling", [BILINEAR, BICUBIC])
def test_a_part_is_what_it_is_within_the_whole(resampling: BILINEAR) -> None:
    image = noise(60, 100)
    whole = resize(image, (30, 50), resampling)
    part = resize(image, (30, 30), resampling, (20, 0, 80, 60))
    np.testing.assert_allclose(part, whole[:, 10:40], atol=1e-3)


@pytest.mark.torch
@pytest.mark.parametrize(("size", "wanted"), SIZES)
@pytest.mark.parametrize("resampling", [BILINEAR, BICUBIC])
def test_bytes_are_those_of_torchvision(size: tuple[int, int], wanted: tuple[int, int], resampling: BILINEAR) -> None:
    torch = pytest.importorskip("torch")
    transforms = pytest.importorskip("torchvision.transforms")
    image = noise(*size)
    mode = {BILINEAR: "BILINEAR", BICUBIC: "BICUBIC"}[resampling]
    theirs = transforms.functional.resize(
        torch.from_numpy(image)[None], list(wanted), transforms.InterpolationMode[mode], antialias=True
    )[0]
    ours = round_to_bytes(resize(image, wanted, resampling))
    # A value in the middle between two may fall to either side.
    assert np.abs(ours - theirs.numpy().astype(np.float32)).max() <= 1
    assert (ours != theirs.numpy()).mean() < 0.001
