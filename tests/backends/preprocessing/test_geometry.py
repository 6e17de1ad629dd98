from __future__ import annotations

import pytest

from backends.errors import BadImage, UnsupportedPackage
from backends.inference_config import NetworkInput
from backends.preprocessing.geometry import Geometry, network_size, plan


def _plan(mode: str, size: tuple[int, int], network: tuple[int, int] = (320, 320)) -> Geometry:
    return plan(mode, size, (0, 0, size[1], size[0]), network)  # type: ignore[arg-type]


def _network_input(**changes: object) -> NetworkInput:
    values = {
        "training_input_size": {"height": 320, "width": 320},
        "dynamic_spatial_size_supported": True,
        "color_mode": "rgb",
        "resize_mode": "letterbox",
        "input_channels": 3,
    }
    return NetworkInput.model_validate(values | changes)


def test_stretch_scales_both_sides_by_themselves() -> None:
    geometry = _plan("stretch", (426, 640))
    assert (geometry.scale_x, geometry.scale_y) == (0.5, 320 / 426)
    assert (geometry.pad_left, geometry.pad_top) == (0, 0)


def test_letterbox_centres_and_puts_the_odd_pixel_behind() -> None:
    geometry = _plan("letterbox", (426, 640))
    assert geometry.resized == (213, 320)
    assert (geometry.pad_top, geometry.pad_bottom) == (53, 54)
    assert (geometry.pad_left, geometry.pad_right) == (0, 0)
    assert geometry.scale_x == geometry.scale_y == 0.5


def test_reflected_edges_lie_like_a_letterbox() -> None:
    assert _plan("letterbox-reflect-edges", (426, 640)) == _plan("letterbox", (426, 640))


def test_center_crop_cuts_large_images_and_pads_small_ones() -> None:
    geometry = _plan("center-crop", (8, 641))
    assert (geometry.pad_top, geometry.pad_bottom) == (156, 156)
    assert (geometry.pad_left, geometry.pad_right) == (-160, -161)
    assert geometry.scale_x == 1


def test_fit_longer_edge_needs_no_padding() -> None:
    geometry = _plan("fit-longer-edge", (426, 640))
    assert geometry.resized == geometry.network == (213, 320)


@pytest.mark.parametrize("mode", ["letterbox", "letterbox-reflect-edges", "fit-longer-edge"])
def test_it_rejects_images_that_would_vanish(mode: str) -> None:
    with pytest.raises(BadImage, match="too narrow"):
        _plan(mode, (2, 3000))


def test_it_rejects_a_crop_of_nothing() -> None:
    with pytest.raises(BadImage):
        plan("stretch", (8, 8), (0, 0, 0, 8), (320, 320))


def test_a_wish_is_ignored_where_the_size_is_fixed() -> None:
    fixed = _network_input(dynamic_spatial_size_supported=False)
    assert network_size(fixed, (640, 640), (10, 10)) == (320, 320)


def test_a_wish_is_rounded_up_to_a_multiple() -> None:
    divisible = _network_input(dynamic_spatial_size_mode={"type": "pad-to-be-divisible", "value": 32})
    assert network_size(divisible, (100, 641), (10, 10)) == (128, 672)
    assert network_size(divisible, None, (10, 10)) == (320, 320)


def test_any_size_may_be_wished_for() -> None:
    any_size = _network_input(dynamic_spatial_size_mode={"type": "any-size"})
    assert network_size(any_size, (101, 55), (10, 10)) == (101, 55)


def test_without_a_training_size_the_image_keeps_its_own() -> None:
    free = _network_input(training_input_size=None, dynamic_spatial_size_mode={"type": "any-size"})
    assert network_size(free, None, (33, 44)) == (33, 44)


def test_it_rejects_a_dynamic_size_of_no_kind() -> None:
    with pytest.raises(UnsupportedPackage):
        network_size(_network_input(), (640, 640), (10, 10))
