from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from backends.errors import BadParameter
from backends.parameters import InferenceParameters, PreProcessingOverrides


def test_strings_of_a_query_are_read() -> None:
    parameters = InferenceParameters.from_mapping(
        {
            "confidence": "0.6",
            "iou_threshold": "0.5",
            "max_detections": "10",
            "class_agnostic_nms": "true",
            "class_filter": "cat, dog",
            "mask_format": "rle",
            "image_size": "[320, 640]",
            "pre_processing_overrides": '{"disable_static_crop": true}',
        }
    )
    assert parameters == InferenceParameters(
        confidence=0.6,
        iou_threshold=0.5,
        max_detections=10,
        class_agnostic_nms=True,
        class_filter=("cat", "dog"),
        mask_format="rle",
        image_size=(320, 640),
        pre_processing_overrides=PreProcessingOverrides(disable_static_crop=True),
    )


def test_values_of_json_are_read() -> None:
    parameters = InferenceParameters.from_mapping(
        {"confidence": 1, "class_filter": ["a,b"], "image_size": 320, "pre_processing_overrides": {}}
    )
    assert parameters.confidence == 1.0
    assert parameters.class_filter == ("a,b",)
    assert parameters.image_size == (320, 320)


@pytest.mark.parametrize(
    "parameters",
    [
        InferenceParameters(),
        InferenceParameters(
            confidence="best",
            iou_threshold=0.25,
            max_detections=7,
            class_agnostic_nms=True,
            class_filter=("a,b",),
            mask_format="rle",
            masks_smoothing_enabled=False,
            masks_binarization_threshold=0.1,
            masks_resolution_factor=0.0,
            key_points_threshold=0.0,
            image_size=(320, 640),
            input_color_format="rgb",
            pre_processing_overrides=PreProcessingOverrides(disable_static_crop=True),
        ),
    ],
)
def test_what_is_written_is_read_as_the_same(parameters: InferenceParameters) -> None:
    assert InferenceParameters.from_mapping(json.loads(json.dumps(parameters.to_mapping()))) == parameters


@pytest.mark.parametrize("word", ["best", "default"])
def test_confidence_may_be_a_word(word: str) -> None:
    assert InferenceParameters.from_mapping({"confidence": word}).confidence == word


def test_nothing_means_the_default() -> None:
    assert InferenceParameters.from_mapping({"confidence": "", "iou_threshold": None}) == InferenceParameters()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("confidence", "1.5"),
        ("confidence", "nan"),
        ("confidence", "high"),
        ("confidence", True),
        ("iou_threshold", "-0.1"),
        ("max_detections", "0"),
        ("max_detections", "2.5"),
        ("max_detections", "9" * 400),
        ("class_agnostic_nms", "maybe"),
        ("class_filter", "[1]"),
        ("class_filter", "[broken"),
        ("class_filter", {"cat": 1}),
        ("mask_format", "dense"),
        ("masks_resolution_factor", "2"),
        ("masks_binarization_threshold", "-1"),
        ("image_size", "[0, 5]"),
        ("image_size", "[1, 2, 3]"),
        ("input_color_format", "hsv"),
        ("pre_processing_overrides", "[]"),
        ("pre_processing_overrides", '{"disable_everything": true}'),
        ("pre_processing_overrides", '{"disable_grayscale": 7}'),
        ("confidense", "0.5"),
    ],
)
def test_it_rejects_what_makes_no_sense(name: str, value: Any) -> None:
    with pytest.raises(BadParameter, match=name if name != "pre_processing_overrides" else None):
        InferenceParameters.from_mapping({name: value})


def test_all_parameters_can_be_read() -> None:
    for field in fields(InferenceParameters):
        assert InferenceParameters.from_mapping({field.name: None}) == InferenceParameters()
