from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backends.postprocessing.pixel_maps import on_image, pixel_grid
from backends.preprocessing.geometry import Geometry, plan

WHOLE = (0, 0, 40, 20)
"""The crop that is no crop, of an image of 20 x 40 (height, width)."""


def _letterboxed() -> Geometry:
    """An image of 20 x 40 in an input of 80 x 80: doubled, with 20 pixels above and below it."""
    return plan("letterbox", (20, 40), WHOLE, (80, 80))


def _rows(height: int, width: int) -> np.ndarray:
    """A map whose values are the numbers of its rows."""
    return np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)


def test_padding_is_cut_away_at_the_size_of_the_map() -> None:
    grid = pixel_grid((40, 40), _letterboxed())
    assert (grid.top, grid.bottom, grid.left, grid.right) == (10, 10, 0, 0)
    shown = grid.on_crop(_rows(40, 40), missing=-1)
    assert shown.shape == (20, 40)
    assert shown[:, 0].tolist() == list(range(10, 30))


def test_a_small_map_is_enlarged_between_its_pixels() -> None:
    shown = pixel_grid((20, 20), _letterboxed()).on_crop(_rows(20, 20), missing=-1)
    assert shown[1:4, 0].tolist() == [5.25, 5.75, 6.25]


def test_a_large_map_is_reduced_with_all_of_its_pixels() -> None:
    plane = _rows(160, 160)
    plane[::2] += 1
    shown = pixel_grid((160, 160), _letterboxed()).on_crop(plane, missing=-1)
    # What alternates from row to row is evened out, where picking single rows would keep it.
    np.testing.assert_allclose(np.diff(shown[2:-2, 0]), 4, atol=0.01)


def test_what_was_cut_off_is_filled() -> None:
    cut = plan("center-crop", (20, 40), WHOLE, (20, 20))
    shown = pixel_grid((20, 20), cut).on_crop(np.ones((20, 20), dtype=np.float32), missing=7)
    assert shown.shape == (20, 40)
    assert shown[0].tolist() == [7] * 10 + [1] * 20 + [7] * 10


def test_an_image_of_which_a_small_map_has_nothing_but_padding_keeps_one_row() -> None:
    narrow = plan("letterbox", (2, 100), (0, 0, 100, 2), (100, 100))
    shown = pixel_grid((5, 5), narrow).on_crop(_rows(5, 5), missing=0)
    assert shown.shape == (2, 100)


def test_a_crop_lies_where_it_was_taken() -> None:
    cropped = plan("stretch", (20, 40), (10, 5, 30, 15), (80, 80))
    whole = on_image(np.ones((10, 20), dtype=np.uint8), cropped, beside=9)
    assert whole.shape == (20, 40)
    assert (whole == 1).sum() == 200
    assert whole[5, 10] == whole[14, 29] == 1
    assert whole[4, 10] == whole[5, 9] == 9


@pytest.mark.parametrize(("left", "top", "shape"), [(0, 0, (10, 20)), (10, 0, (20, 40)), (0, 5, (20, 40))])
def test_a_crop_that_begins_at_the_corner_stays_as_large_as_it_is(left: int, top: int, shape: tuple[int, int]) -> None:
    geometry = replace(plan("stretch", (20, 40), (0, 0, 20, 10), (80, 80)), crop_left=left, crop_top=top)
    assert on_image(np.ones((10, 20), dtype=np.float32), geometry, beside=0).shape == shape
