"""How much a request for tensors can need."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from inference_app.dialects.open_inference.needs import HEAD_BYTES, TEXT_BYTES, needs_of
from inference_app.dialects.open_inference.requests import MAX_JSON_NUMBERS


def package(*inputs: dict[str, Any]) -> Any:
    return SimpleNamespace(inspection={"facts": {"inputs": list(inputs)}})


def tensor(*shape: Any, dtype: str = "float") -> dict[str, Any]:
    return {"name": "images", "dtype": dtype, "shape": list(shape)}


def test_a_static_network_needs_exactly_its_numbers() -> None:
    needs = needs_of([package(tensor(1, 3, 64, 64), tensor(4, dtype="int64"))])
    assert needs.numbers == 3 * 64 * 64 + 4
    assert needs.content == 4 * 3 * 64 * 64 + 8 * 4


def test_a_batch_of_any_size_is_one_of_as_many_images_as_a_request_may_have(settings: Any) -> None:
    settings.MAX_IMAGES_PER_REQUEST = 5
    assert needs_of([package(tensor("batch", 3, 8, 8))]).numbers == 5 * 3 * 64


@pytest.mark.parametrize("inputs", [(), (tensor(1, 3, None, "width"),), (tensor(1, dtype="string"),)])
def test_what_the_files_do_not_tell_is_bounded_all_the_same(inputs: tuple[dict[str, Any], ...], settings: Any) -> None:
    needs = needs_of([package(*inputs)])
    assert needs.numbers == MAX_JSON_NUMBERS
    assert needs.body_limit == settings.MAX_REQUEST_BYTES


def test_the_largest_package_counts() -> None:
    assert needs_of([package(tensor(1, 2)), package(tensor(1, 9)), package(tensor(1, 3))]).numbers == 9


def test_a_body_has_room_for_each_number_as_text_and_its_head() -> None:
    assert needs_of([package(tensor(1, 3, 64, 64))]).body_limit == 3 * 64 * 64 * TEXT_BYTES + HEAD_BYTES


def test_a_body_has_room_for_more_bytes_than_numbers_are_taken_as_text() -> None:
    assert needs_of([package(tensor(1, 15_000_000))]).body_limit == 60_000_000 + HEAD_BYTES


@pytest.mark.django_db
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_larger_than_the_network_needs_is_not_read(
    model_host: None, push_demo: Any, chunked: bool, settings: Any
) -> None:
    push_demo(public=True)
    settings.MAX_IMAGES_PER_REQUEST = 1
    body = b'{"inputs": [' + b" " * 12_000_000 + b"]}"
    sent = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""} if chunked else {}
    answer = Client().post("/v2/models/demo/shapes/infer", body, content_type="application/json", **sent)
    assert answer.status_code == 413, answer.content
    assert answer.json()["code"] == "request-too-large"
