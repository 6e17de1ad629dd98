"""Masks against the plain way: multiply, cut, enlarge to full size, compare every pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from backends.postprocessing.masks import instance_masks, mask_grid, plane_masks
from backends.preprocessing.geometry import Geometry, plan

NETWORK = 160
PROTOTYPES = NETWORK // 4


def _network_output(count: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smooth prototypes (32, 40, 40), coefficients (N, 32), boxes (N, 4) in the network's pixels."""
    random = np.random.default_rng(11)
    noise = random.normal(0, 1, (32, 7, 7)).astype(np.float32)
    prototypes = np.stack(
        [cv2.resize(plane, (PROTOTYPES, PROTOTYPES), interpolation=cv2.INTER_CUBIC) for plane in noise]
    )
    coefficients = random.normal(0, 1, (count, 32)).astype(np.float32)
    corner = random.uniform(-10, 120, (count, 2))
    boxes = np.concatenate((corner, corner + random.uniform(8, 90, (count, 2))), axis=1).astype(np.float32)
    boxes[0] = [0, 0, NETWORK, NETWORK]
    return prototypes, coefficients, boxes


def _plain(geometry: Geometry, threshold: float, smooth: bool) -> np.ndarray:
    prototypes, coefficients, boxes = _network_output()
    masks = np.einsum("chw,nc->nhw", prototypes, coefficients)
    if smooth:
        masks = 1 / (1 + np.exp(-masks))
    edges = np.rint(boxes / 4)
    columns, rows = np.arange(PROTOTYPES), np.arange(PROTOTYPES)[:, None]
    for mask, (left, top, right, bottom) in zip(masks, edges, strict=True):
        mask *= (columns >= left) & (columns < right) & (rows >= top) & (rows < bottom)
    pads = [round(pad / 4) for pad in (geometry.pad_top, geometry.pad_bottom, geometry.pad_left, geometry.pad_right)]
    outside = [(max(-pads[0], 0), max(-pads[1], 0)), (max(-pads[2], 0), max(-pads[3], 0))]
    masks = np.pad(masks, [(0, 0), *outside])
    height, width = masks.shape[1:]
    masks = masks[:, max(pads[0], 0) : height - max(pads[1], 0), max(pads[2], 0) : width - max(pads[3], 0)]
    target_height, target_width = geometry.cropped
    whole = np.zeros((len(masks), *geometry.original), dtype=bool)
    top, left = geometry.crop_top, geometry.crop_left
    for index, mask in enumerate(masks):
        large = cv2.resize(mask.astype(np.float32), (target_width, target_height)) > threshold
        whole[index, top : top + target_height, left : left + target_width] = large
    return whole


def _overlaps(geometry: Geometry, threshold: float = 0.5, smooth: bool = True) -> list[float]:
    prototypes, coefficients, boxes = _network_output()
    grid = mask_grid((PROTOTYPES, PROTOTYPES), geometry)
    ours = instance_masks(prototypes, coefficients, boxes, grid, threshold, smooth).to_dense()
    plain = _plain(geometry, threshold, smooth)
    assert ours.shape == plain.shape
    assert plain.any(axis=(1, 2)).sum() >= 4
    return [1.0 if not (a | b).any() else (a & b).sum() / (a | b).sum() for a, b in zip(ours, plain, strict=True)]


@pytest.mark.parametrize("size", [(160, 160), (300, 401), (777, 640), (1200, 900), (170, 700)])
@pytest.mark.parametrize("mode", ["stretch", "letterbox"])
def test_masks_equal_the_plain_way(size: tuple[int, int], mode: str) -> None:
    geometry = plan(mode, size, (0, 0, size[1], size[0]), (NETWORK, NETWORK))  # type: ignore[arg-type]
    assert min(_overlaps(geometry)) >= 0.995


@pytest.mark.parametrize("size", [(200, 400), (161, 190), (400, 90)])
def test_masks_of_a_center_crop_lie_in_the_middle(size: tuple[int, int]) -> None:
    geometry = plan("center-crop", size, (0, 0, size[1], size[0]), (NETWORK, NETWORK))
    assert min(_overlaps(geometry)) >= 0.995


def test_masks_of_a_static_crop_lie_where_it_was() -> None:
    geometry = plan("stretch", (400, 600), (150, 40, 480, 400), (NETWORK, NETWORK))
    assert min(_overlaps(geometry)) >= 0.995


@pytest.mark.parametrize("threshold", [0.0, 0.3, 2.0])
def test_masks_without_smoothing_are_cut_at_the_raw_value(threshold: float) -> None:
    geometry = plan("letterbox", (500, 700), (0, 0, 700, 500), (NETWORK, NETWORK))
    assert min(_overlaps(geometry, threshold, smooth=False)) >= 0.995


def test_an_image_smaller_than_the_prototypes_is_reduced() -> None:
    geometry = plan("stretch", (16, 20), (0, 0, 20, 16), (NETWORK, NETWORK))
    prototypes, coefficients, boxes = _network_output(1)
    prototypes[:] = 0
    prototypes[0, :20] = 9
    coefficients[:] = 1
    grid = mask_grid((PROTOTYPES, PROTOTYPES), geometry)
    mask = instance_masks(prototypes, coefficients, boxes, grid, 0.6, True).to_dense()[0]
    np.testing.assert_array_equal(mask[:7], True)
    np.testing.assert_array_equal(mask[9:], False)


def test_a_lower_resolution_lies_between_prototypes_and_image() -> None:
    geometry = plan("stretch", (320, 480), (0, 0, 480, 320), (NETWORK, NETWORK))
    assert mask_grid((PROTOTYPES, PROTOTYPES), geometry, 0.0).size == (40, 40)
    assert mask_grid((PROTOTYPES, PROTOTYPES), geometry, 0.5).size == (180, 260)
    assert mask_grid((PROTOTYPES, PROTOTYPES), geometry, 1.0).size == (320, 480)


def test_a_lower_resolution_shrinks_the_crop_with_the_image() -> None:
    geometry = plan("stretch", (400, 400), (200, 100, 400, 300), (NETWORK, NETWORK))
    grid = mask_grid((PROTOTYPES, PROTOTYPES), geometry, 0.0)
    assert grid.size == (80, 80)
    assert (grid.columns.offset, grid.rows.offset) == (40, 20)


def test_a_box_outside_the_image_has_an_empty_mask() -> None:
    geometry = plan("letterbox", (80, 160), (0, 0, 160, 80), (NETWORK, NETWORK))
    prototypes, coefficients, _ = _network_output(1)
    grid = mask_grid((PROTOTYPES, PROTOTYPES), geometry)
    box = np.array([[0, 0, 160, 30]], dtype=np.float32)  # within the padding
    masks = instance_masks(prototypes, coefficients, box, grid, 0.0, False)
    assert masks.areas().tolist() == [0]
    assert masks.size == (80, 160)


def test_a_mask_that_fills_the_image_is_one_run() -> None:
    geometry = plan("stretch", (300, 200), (0, 0, 200, 300), (NETWORK, NETWORK))
    prototypes, coefficients, boxes = _network_output(1)
    grid = mask_grid((PROTOTYPES, PROTOTYPES), geometry)
    masks = instance_masks(np.ones_like(prototypes), np.ones_like(coefficients), boxes, grid, 0.5, True)
    assert masks.runs[0].tolist() == [0, 300 * 200]


SMOOTH_PLANES = np.stack(
    [
        cv2.resize(noise, (PROTOTYPES, PROTOTYPES), interpolation=cv2.INTER_CUBIC) - 0.4
        for noise in np.random.default_rng(7).normal(0, 1, (5, 6, 6)).astype(np.float32)
    ]
)


def _plane_overlaps(geometry: Geometry, pads: tuple[int, int, int, int] = (0, 0, 0, 0)) -> list[float]:
    """Ours against enlarging all of each plane; ``pads``: left, top, right, bottom of the padding on the planes."""
    ours = plane_masks(SMOOTH_PLANES, mask_grid((PROTOTYPES, PROTOTYPES), geometry)).to_dense()
    left, top, right, bottom = pads
    inner = SMOOTH_PLANES[:, top : PROTOTYPES - bottom, left : PROTOTYPES - right]
    target_height, target_width = geometry.cropped
    whole = np.zeros((len(inner), *geometry.original), dtype=bool)
    for mask, plane in zip(whole, inner, strict=True):
        large = np.asarray(Image.fromarray(plane).resize((target_width, target_height), Image.Resampling.BILINEAR)) > 0
        mask[geometry.crop_top :, geometry.crop_left :][:target_height, :target_width] = large
    return [(one & other).sum() / (one | other).sum() for one, other in zip(ours, whole, strict=True)]


@pytest.mark.parametrize("size", [(300, 401), (40, 40), (25, 333), (17, 13)])
def test_planes_equal_the_plain_way_enlarged_and_reduced(size: tuple[int, int]) -> None:
    geometry = plan("stretch", size, (0, 0, size[1], size[0]), (NETWORK, NETWORK))
    assert min(_plane_overlaps(geometry)) >= 0.99


def test_planes_lose_the_padding_of_a_letterbox() -> None:
    geometry = plan("letterbox", (300, 600), (0, 0, 600, 300), (NETWORK, NETWORK))
    assert min(_plane_overlaps(geometry, (0, 10, 0, 10))) >= 0.99


def test_planes_of_a_static_crop_lie_where_it_was() -> None:
    geometry = plan("stretch", (400, 600), (150, 40, 480, 400), (NETWORK, NETWORK))
    assert min(_plane_overlaps(geometry)) >= 0.99


def test_a_plane_with_nothing_above_zero_has_an_empty_mask() -> None:
    geometry = plan("stretch", (300, 200), (0, 0, 200, 300), (NETWORK, NETWORK))
    masks = plane_masks(
        np.zeros((1, PROTOTYPES, PROTOTYPES), np.float32), mask_grid((PROTOTYPES, PROTOTYPES), geometry)
    )
    assert masks.areas().tolist() == [0]


def test_a_single_value_above_zero_at_the_corner_is_a_mask_of_the_corner() -> None:
    geometry = plan("stretch", (160, 160), (0, 0, 160, 160), (NETWORK, NETWORK))
    plane = np.full((1, PROTOTYPES, PROTOTYPES), -1, np.float32)
    plane[0, -1, -1] = 1
    mask = plane_masks(plane, mask_grid((PROTOTYPES, PROTOTYPES), geometry)).to_dense()[0]
    # Four pixels each way, without the one at which both weights are small: -1 + 2 x 0.625 x 0.625 is below zero.
    assert mask[-4:, -4:].sum() == mask.sum() == 15
    assert not mask[-4, -4]
