"""The drawings: always the same for a seed, never the same for another, with boxes that fit what was drawn."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import demo
from demo.draw import CLASS_NAMES, IMAGES, LARGEST_OVERLAP, MOST_SHAPES, draw

IMAGE_FOLDER = Path(demo.__file__).parent / "images"


def test_the_same_seed_gives_the_same_drawing():
    first, second = draw(5, 200, 150), draw(5, 200, 150)
    np.testing.assert_array_equal(first.image, second.image)
    assert first.shapes == second.shapes


def test_another_seed_gives_another_drawing():
    assert (draw(5, 200, 150).image != draw(6, 200, 150).image).any()


def test_an_image_has_the_size_that_was_asked_for():
    assert draw(1, 200, 150).image.shape == (150, 200, 3)


def test_without_a_size_the_longer_edge_is_320_to_1280_pixels():
    longer = [max(draw(seed).image.shape) for seed in range(12)]
    assert min(longer) >= 320
    assert max(longer) <= 1280


def test_every_class_is_drawn():
    assert {shape.class_id for seed in range(12) for shape in draw(seed, 200, 150).shapes} == {0, 1, 2, 3}


def test_some_images_have_no_shape():
    assert any(not draw(seed, 64, 64).shapes for seed in range(150))


@pytest.mark.parametrize("seed", range(8))
def test_boxes_lie_inside_the_image_and_hide_little_of_each_other(seed: int):
    shapes = draw(seed, 320, 240).shapes
    assert len(shapes) <= MOST_SHAPES
    boxes = np.array([shape.box for shape in shapes]).reshape(-1, 4)
    assert (boxes >= 0).all()
    assert (boxes <= (320, 240, 320, 240)).all()
    for index, box in enumerate(boxes):
        for other in boxes[:index]:
            size = (np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])).clip(0)
            smaller = min((box[2:] - box[:2]).prod(), (other[2:] - other[:2]).prod())
            assert size.prod() <= LARGEST_OVERLAP * smaller + 1e-6


def test_the_images_in_the_repository_are_those_that_the_script_draws():
    truth = {entry["file"]: entry for entry in json.loads((IMAGE_FOLDER / "ground_truth.json").read_text())}
    assert set(truth) == {name for name, *_ in IMAGES}
    for name, width, height, seed in IMAGES:
        drawing = draw(seed, width, height)
        stored = cv2.imread(str(IMAGE_FOLDER / name))
        # JPEG and other releases of OpenCV move single pixels a little, but not the image.
        assert np.abs(stored.astype(int) - drawing.image).mean() < 6
        drawn = [(CLASS_NAMES[shape.class_id], shape.box) for shape in drawing.shapes]
        assert [shape["class"] for shape in truth[name]["shapes"]] == [class_name for class_name, _ in drawn]
        for stored_shape, (_, box) in zip(truth[name]["shapes"], drawn, strict=True):
            np.testing.assert_allclose(stored_shape["box"], box, atol=0.06)
