"""`POST /api/v1/models/<id>/infer` of a model that embeds images and texts."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from tests.helpers import assert_error, bearer
from tests.inference_app.conftest import push_clip

ADDRESS = "/api/v1/models/clip/tiny/infer"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture(autouse=True)
def clip(alpha: Any, tmp_path: Path) -> Any:
    return push_clip(alpha, tmp_path, "clip/tiny")


def post(document: Any, token: str, address: str = ADDRESS) -> Any:
    return Client().post(address, json.dumps(document), content_type="application/json", headers=bearer(token))


def test_an_image_is_answered_by_one_vector(image: bytes, infer_token: str) -> None:
    answer = Client().post(ADDRESS, image, content_type="image/jpeg", headers=bearer(infer_token)).json()
    (vector,) = answer["embeddings"]
    assert len(vector) == 3
    # What the network answers are floats of 32 bits, and nothing is lost on the way.
    assert [float(np.float32(value)) for value in vector] == vector


def test_a_text_alone_is_answered_flat_and_several_in_their_order(infer_token: str) -> None:
    one = post({"texts": "a cat"}, infer_token).json()
    several = post({"texts": ["two dogs", "a cat"]}, infer_token).json()
    assert several["results"][1]["embeddings"] == one["embeddings"]
    assert several["results"][0]["embeddings"] != one["embeddings"]


def test_images_come_before_texts(image: bytes, infer_token: str) -> None:
    encoded = {"type": "base64", "value": base64.b64encode(image).decode()}
    both = post({"image": encoded, "texts": ["a cat"]}, infer_token).json()
    apart = [post(each, infer_token).json()["embeddings"] for each in ({"image": encoded}, {"texts": ["a cat"]})]
    assert [result["embeddings"] for result in both["results"]] == apart


def test_a_text_that_is_too_long_is_refused(infer_token: str) -> None:
    error = assert_error(post({"texts": ["cat " * 80]}, infer_token), "bad-text", 400)
    assert "75 tokens" in error["message"]


def test_texts_in_a_query_are_no_parameter(image: bytes, infer_token: str) -> None:
    answer = Client().post(f"{ADDRESS}?texts=a", image, content_type="image/jpeg", headers=bearer(infer_token))
    assert_error(answer, "bad-parameter", 400)
