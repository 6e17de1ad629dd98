from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backends.errors import PackageConfigInvalid, PackageDamaged
from backends.inference_config import AnySize, DivisiblePadding, parse_inference_config, read_inference_config
from tests.backends.networks import config


def _parse(**changes: Any) -> Any:
    return parse_inference_config(json.dumps(config(**changes)))


def test_defaults_are_those_of_the_client() -> None:
    parsed = _parse()
    assert parsed.image_pre_processing.static_crop is None
    assert parsed.forward_pass.static_batch_size is None
    assert parsed.network_input.padding_value is None


def test_null_sections_mean_nothing() -> None:
    document = config() | {"image_pre_processing": None, "forward_pass": None, "post_processing": None}
    parsed = parse_inference_config(json.dumps(document))
    assert parsed.post_processing is None
    assert parsed.image_pre_processing.contrast is None


def test_keys_with_hyphens_are_read() -> None:
    crop = {"enabled": True, "x_min": 10, "x_max": 90, "y_min": 0, "y_max": 100}
    document = config() | {"image_pre_processing": {"static-crop": crop, "auto-orient": {"enabled": True}}}
    steps = parse_inference_config(json.dumps(document)).image_pre_processing
    assert steps.static_crop is not None
    assert steps.static_crop.x_max == 90
    assert steps.auto_orient is not None


def test_unknown_keys_are_ignored() -> None:
    assert _parse(invented_later=True).network_input.color_mode == "rgb"


def test_dynamic_sizes_have_two_kinds() -> None:
    divisible = _parse(
        dynamic_spatial_size_supported=True, dynamic_spatial_size_mode={"type": "pad-to-be-divisible", "value": 32}
    )
    assert divisible.network_input.dynamic_spatial_size_mode == DivisiblePadding(type="pad-to-be-divisible", value=32)
    any_size = _parse(
        training_input_size=None, dynamic_spatial_size_supported=True, dynamic_spatial_size_mode={"type": "any-size"}
    )
    assert any_size.network_input.dynamic_spatial_size_mode == AnySize(type="any-size")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"color_mode": "hsv"}, "color_mode"),
        ({"resize_mode": "squash"}, "resize_mode"),
        ({"input_channels": 1}, "input_channels"),
        ({"scaling_factor": 0}, "scaling_factor"),
        ({"training_input_size": None}, "network_input"),
        ({"training_input_size": {"height": 0, "width": 5}}, "training_input_size.height"),
        ({"normalization": [[0, 0, 0], [1, 0, 1]]}, "network_input"),
        ({"normalization": [[0, 0], [1, 1]]}, "normalization"),
        ({"dynamic_spatial_size_mode": {"type": "divisible-padding", "divisor": 32}}, "dynamic_spatial_size_mode"),
    ],
)
def test_it_names_what_is_wrong(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(PackageConfigInvalid, match=named):
        _parse(**changes)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000])
def test_it_rejects_other_documents(text: str) -> None:
    with pytest.raises(PackageConfigInvalid):
        parse_inference_config(text)


def test_it_rejects_an_empty_crop() -> None:
    crop = {"enabled": True, "x_min": 50, "x_max": 50, "y_min": 0, "y_max": 100}
    with pytest.raises(PackageConfigInvalid, match="crop is empty"):
        parse_inference_config(json.dumps(config() | {"image_pre_processing": {"static-crop": crop}}))


def test_it_says_when_the_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged, match=r"inference_config\.json"):
        read_inference_config(tmp_path)
