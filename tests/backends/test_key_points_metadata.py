from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backends.errors import PackageConfigInvalid, PackageDamaged
from backends.key_points_metadata import FILE, parse_key_points_metadata, read_key_points_metadata

CAT = {"object_class_id": 0, "keypoints": {"0": "nose"}, "edges": []}
DOG = {"object_class_id": 1, "keypoints": {"10": "tail", "9": "ear", "0": "nose"}, "edges": [{"from": 0, "to": 2}]}


def test_names_come_in_the_order_of_their_numbers_and_classes_in_that_of_their_ids() -> None:
    metadata = parse_key_points_metadata([DOG, CAT], 2)
    assert metadata.names == (("nose",), ("nose", "ear", "tail"))
    assert metadata.skeletons == ((), ((0, 2),))
    assert metadata.places == 3


def test_a_class_may_have_no_key_points() -> None:
    assert parse_key_points_metadata([{"object_class_id": 0, "keypoints": {}, "edges": []}], 1).places == 0


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "holds a list"),
        ([CAT], "says nothing of class 1"),
        ([CAT, DOG, {**CAT, "object_class_id": 2}], "describes 3 classes"),
        ([CAT, {**DOG, "object_class_id": 7}], "no class of its list"),
        ([CAT, {**DOG, "keypoints": ["nose"]}], "object of numbers to names"),
        ([CAT, {**DOG, "edges": None}], "list of objects with from and to"),
        ([CAT, {**DOG, "edges": [{"from": 0, "to": 3}]}], "both numbers below 3"),
    ],
)
def test_what_is_wrong_is_said(document: Any, problem: str) -> None:
    with pytest.raises(PackageConfigInvalid, match=problem):
        parse_key_points_metadata(document, 2)


def test_it_is_read_from_the_package(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        read_key_points_metadata(tmp_path, 1)
    (tmp_path / FILE).write_text("[")
    with pytest.raises(PackageConfigInvalid, match="valid JSON"):
        read_key_points_metadata(tmp_path, 1)
    (tmp_path / FILE).write_text(json.dumps([CAT]))
    assert read_key_points_metadata(tmp_path, 1).names == (("nose",),)
