from __future__ import annotations

import numpy as np

from backends.postprocessing.boxes import corners, points_to_image, to_image
from backends.preprocessing.geometry import plan


def test_centres_become_corners() -> None:
    assert corners(np.array([[10, 20, 4, 6]], dtype=np.float32)).tolist() == [[8, 17, 12, 23]]


def test_boxes_come_back_from_a_letterbox() -> None:
    geometry = plan("letterbox", (426, 640), (0, 0, 640, 426), (320, 320))
    boxes = to_image(np.array([[100, 103, 150, 203]], dtype=np.float32), geometry)
    assert boxes.tolist() == [[200, 100, 300, 300]]


def test_boxes_come_back_from_a_static_crop() -> None:
    geometry = plan("stretch", (320, 320), (80, 40, 240, 320), (320, 320))
    boxes = to_image(np.array([[0, 0, 320, 320]], dtype=np.float32), geometry)
    assert boxes.tolist() == [[80, 40, 240, 320]]


def test_boxes_are_clipped_to_the_image() -> None:
    geometry = plan("letterbox", (160, 320), (0, 0, 320, 160), (320, 320))
    assert to_image(np.array([[-9, 0, 400, 320]], dtype=np.float32), geometry).tolist() == [[0, 0, 320, 160]]


def test_half_pixels_round_to_even() -> None:
    geometry = plan("stretch", (320, 320), (0, 0, 320, 320), (320, 320))
    assert to_image(np.array([[0.5, 1.5, 2.5, 3.5]], dtype=np.float32), geometry).tolist() == [[0, 2, 2, 4]]


def test_points_are_placed_as_boxes_are_but_not_clipped() -> None:
    geometry = plan("letterbox", (20, 40), (10, 0, 40, 20), (60, 60))
    points = points_to_image(np.array([[[0, 10], [60, 61]]], dtype=np.float32), geometry)
    assert points.tolist() == [[[10, 0], [40, 26]]]
