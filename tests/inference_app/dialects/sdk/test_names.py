"""Model names as the SDK sends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inference_app.dialects.sdk.names import find_sent_model, renamed_models, sent_names
from registry.errors import TokenRequired
from registry.services.tokens import ANONYMOUS

pytestmark = pytest.mark.django_db


def test_a_renamed_model_is_found_under_the_name_that_is_sent(make_model: Callable[..., Any]) -> None:
    model = make_model("yolov8n-640", is_public=True)
    assert find_sent_model("coco/3", ANONYMOUS) == model


def test_a_model_that_really_has_the_name_goes_first(make_model: Callable[..., Any]) -> None:
    make_model("yolov8n-640", is_public=True)
    model = make_model("coco/3", is_public=True)
    assert find_sent_model("coco/3", ANONYMOUS) == model


def test_an_unknown_name_is_an_error_as_everywhere() -> None:
    with pytest.raises(TokenRequired):
        find_sent_model("coco/3", ANONYMOUS)


def test_a_model_is_listed_under_every_name(make_model: Callable[..., Any]) -> None:
    model = make_model("yolov8n-640")
    model.aliases.create(alias="nano")
    assert sent_names(model) == ["yolov8n-640", "nano", "coco/3"]


def test_the_table_is_that_of_the_client() -> None:
    assert len(renamed_models()) == 152
