"""No model can have an id under which its address would be one of the server's own."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve

from inference_app.dialects.sdk.views import two_segments
from registry.limits import KEPT_FIRST_SEGMENTS, RESERVED_FIRST_SEGMENTS, RESERVED_IDS
from registry.models.model import validate_model_id
from tests.routes import routes

ROUTES = [route for route in routes() if route.view is not two_segments]
# Whatever a pattern names is in one of these words, the alternatives of a regular expression as well.
WORDS = sorted(
    {
        word
        for route in ROUTES
        for word in re.findall(r"[A-Za-z0-9_.-]+", re.sub(r"\(\?P<\w+>|\\Z", " ", route.pattern).replace("\\", ""))
    }
)


def is_refused(model_id: str) -> bool:
    try:
        validate_model_id(model_id)
    except ValidationError:
        return True
    return False


def is_taken(path: str) -> bool:
    """Whether a view answers there that is not that of models."""
    try:
        return resolve(path).func is not two_segments
    except Resolver404:
        return False


@pytest.mark.parametrize("example", sorted({route.example for route in ROUTES if route.example != "/"}))
def test_an_address_of_the_server_is_no_id(example: str) -> None:
    assert is_refused(example.strip("/"))


def test_no_alternative_of_a_pattern_is_forgotten() -> None:
    ids = [f"{first}/{last}" for first in WORDS for last in (*WORDS, "1")]
    assert len(ids) > 1000
    assert [model_id for model_id in ids if is_taken(f"/{model_id}") and not is_refused(model_id)] == []


def test_nothing_is_reserved_without_a_reason() -> None:
    firsts = {route.example.split("/")[1] for route in ROUTES}
    taken = {word for word in WORDS if word in firsts or any(is_taken(f"/{word}/{last}") for last in (*WORDS, "", "1"))}
    assert sorted(RESERVED_FIRST_SEGMENTS - KEPT_FIRST_SEGMENTS - taken) == []
    assert all(is_taken(f"/{model_id}") for model_id in RESERVED_IDS)


@pytest.mark.parametrize("model_id", ["clip/ViT-B-16", "clip/RN50", "perception_encoder/PE-Core-L14-336", "clip"])
def test_an_id_may_begin_as_the_addresses_that_ask_for_it_do(model_id: str) -> None:
    assert not is_refused(model_id)
    assert not is_taken(f"/{model_id}")
