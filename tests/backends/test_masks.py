from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backends.masks import InstanceMasks, compress, decompress


@given(hnp.arrays(bool, st.tuples(st.integers(1, 3), st.integers(1, 9), st.integers(1, 9))))
def test_masks_come_back_as_they_were(dense: np.ndarray) -> None:
    masks = InstanceMasks.from_dense(dense)
    np.testing.assert_array_equal(masks.to_dense(), dense)
    np.testing.assert_array_equal(masks.areas(), dense.sum(axis=(1, 2)))


@given(hnp.arrays(np.uint32, st.integers(1, 12), elements=st.integers(0, 2**27)))
def test_the_string_holds_the_same_counts(counts: np.ndarray) -> None:
    np.testing.assert_array_equal(decompress(compress(counts)), counts)


def test_the_string_is_that_of_the_coco_tools() -> None:
    # From the reference library's answers, which pycocotools wrote.
    text = "U\\`02m92N1O1_OORG2m80QG1o80PG0P92mFOS9?001O1O100O01O2O2M1O1N100O10OO1OL50011O?@3N001O00010N2On[X2"
    counts = decompress(text)
    assert counts.sum() == 320 * 320
    assert counts[1::2].sum() == 653
    assert compress(counts) == text


def test_pixels_are_counted_down_the_columns() -> None:
    dense = np.zeros((1, 2, 3), dtype=bool)
    dense[0, 1, 1] = True
    assert InstanceMasks.from_dense(dense).runs[0].tolist() == [3, 1, 2]


def test_a_string_that_ends_within_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="within a number"):
        decompress("`")


def test_the_polygon_is_the_contour_with_the_most_points() -> None:
    dense = np.zeros((1, 40, 60), dtype=np.uint8)
    dense[0, 2:30, 2:30] = 1  # large, four points
    cv2.circle(dense[0], (45, 15), 6, 1, -1)  # small, many points
    polygon = InstanceMasks.from_dense(dense.astype(bool)).to_polygons()[0]
    assert polygon[:, 0].min() == 39
    assert polygon[:, 0].max() == 51
    assert len(polygon) > 4


def test_polygons_equal_those_of_the_whole_image() -> None:
    dense = np.zeros((1, 50, 70), dtype=np.uint8)
    cv2.ellipse(dense[0], (69, 25), (20, 10), 30, 0, 360, 1, -1)
    whole = max(cv2.findContours(dense[0], cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=len).reshape(-1, 2)
    np.testing.assert_array_equal(InstanceMasks.from_dense(dense.astype(bool)).to_polygons()[0], whole)


def test_an_empty_mask_has_an_empty_polygon() -> None:
    masks = InstanceMasks.from_dense(np.zeros((1, 5, 5), dtype=bool))
    assert masks.to_polygons()[0].shape == (0, 2)
    assert masks.to_coco()[0] == {"size": [5, 5], "counts": "i0"}
