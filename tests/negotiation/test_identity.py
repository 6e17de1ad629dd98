from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from negotiation.identity import DependencyIdentity, PackageIdentity, effective_parameters, file_pairs, package_id
from negotiation.package import RecommendedParameters

MD5 = "0" * 32
IDENTITY = PackageIdentity(
    model_id="shapes/1",
    architecture="yolov8",
    task="object-detection",
    backend="onnx",
    quantization="fp32",
    trusted=True,
    files=frozenset({("weights.onnx", MD5), ("class_names.txt", "1" * 32)}),
    dynamic_batch_size=True,
)
CHANGES: list[dict[str, Any]] = [
    {"model_id": "shapes/2"},
    {"architecture": "yolov11"},
    {"task": None},
    {"backend": "torch-script"},
    {"quantization": "fp16"},
    {"trusted": False},
    {"files": frozenset({("weights.onnx", MD5)})},
    {"files": frozenset({("weights.onnx", "1" * 32), ("class_names.txt", MD5)})},
    {"dynamic_batch_size": False, "static_batch_size": 1},
    {"dynamic_batch_size": False, "static_batch_size": 2},
    {"features": {}},
    {"features": {"nms_fused": None}},
    {"dependencies": (DependencyIdentity("extractor", "owlv2"),)},
    {"dependencies": (DependencyIdentity("extractor", "owlv2", "a1"),)},
    {"dependencies": (DependencyIdentity("extractor", "owlv2", None, ("a1",)),)},
    {"dependencies": (DependencyIdentity("extractor", "owlv2", None, ("a1", "b2")),)},
    {"recommended_parameters": RecommendedParameters()},
    {"recommended_parameters": RecommendedParameters(confidence=0.4)},
    {"recommended_parameters": RecommendedParameters(per_class_confidence={"circle": 0.4})},
]


def test_it_is_32_hexadecimal_digits() -> None:
    assert len(bytes.fromhex(package_id(IDENTITY))) == 16


def test_it_never_changes_between_releases() -> None:
    assert package_id(IDENTITY) == "d9bd3a3c849bc1955528b747c5901d49"


def test_every_fact_makes_another_id() -> None:
    ids = {package_id(dataclasses.replace(IDENTITY, **change)) for change in [{}, *CHANGES]}
    assert len(ids) == len(CHANGES) + 1


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(PackageIdentity)])
def test_every_field_is_among_the_changes(field: str) -> None:
    assert any(field in change for change in CHANGES)


def test_the_order_of_features_means_nothing() -> None:
    one = dataclasses.replace(IDENTITY, features={"a": 1, "b": 2})
    other = dataclasses.replace(IDENTITY, features={"b": 2, "a": 1})
    assert package_id(one) == package_id(other)


def test_the_order_of_a_dependencys_packages_means_nothing() -> None:
    one = dataclasses.replace(IDENTITY, dependencies=(DependencyIdentity("e", "m", None, ("a", "b")),))
    other = dataclasses.replace(IDENTITY, dependencies=(DependencyIdentity("e", "m", None, ("b", "a")),))
    assert package_id(one) == package_id(other)


def test_whole_and_real_numbers_of_equal_value_are_one_threshold() -> None:
    one = dataclasses.replace(IDENTITY, recommended_parameters=RecommendedParameters(confidence=1))
    other = dataclasses.replace(IDENTITY, recommended_parameters=RecommendedParameters(confidence=1.0))
    assert package_id(one) == package_id(other)


def test_facts_cannot_be_shifted_from_one_field_to_the_next() -> None:
    one = dataclasses.replace(IDENTITY, model_id="a", architecture="bc")
    other = dataclasses.replace(IDENTITY, model_id="ab", architecture="c")
    assert package_id(one) != package_id(other)


def test_names_outside_ascii_have_an_id_too() -> None:
    assert package_id(dataclasses.replace(IDENTITY, model_id="formen/größe")) != package_id(IDENTITY)


def test_a_packages_own_parameters_replace_its_models() -> None:
    of_package, of_model = RecommendedParameters(), RecommendedParameters(confidence=0.4)
    assert effective_parameters(of_package, of_model) is of_package
    assert effective_parameters(None, of_model) is of_model


def test_digits_of_checksums_are_taken_in_lower_case() -> None:
    assert file_pairs([("a", "AB" * 16)]) == {("a", "ab" * 16)}
