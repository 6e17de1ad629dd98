"""Bare tensors for a package of two networks: one sees images, the other reads tokens of texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from tests.helpers import bearer
from tests.inference_app.conftest import push_clip

ADDRESS = "/v2/models/clip/tiny"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture(autouse=True)
def clip(alpha: Any, tmp_path: Path) -> Any:
    return push_clip(alpha, tmp_path, "clip/tiny")


def infer(token: str, datatype: str, shape: list[int], value: float) -> Any:
    tensor = {"name": "input", "datatype": datatype, "shape": shape, "data": [value] * int(np.prod(shape))}
    body = json.dumps({"inputs": [tensor]})
    return Client().post(f"{ADDRESS}/infer", body, content_type="application/json", headers=bearer(token))


def test_tensors_go_to_the_network_that_they_fit(infer_token: str) -> None:
    (image,) = infer(infer_token, "FP32", [1, 3, 64, 64], 0.5).json()["outputs"]
    (texts,) = infer(infer_token, "INT32", [2, 77], 100).json()["outputs"]
    assert image["data"] == [0.5, 0.5, 0.5]
    assert texts["shape"] == [2, 3]
    assert texts["data"] == pytest.approx([0.01, 0.01, 0.77] * 2)


@pytest.mark.parametrize(("datatype", "shape"), [("FP32", [1, 77]), ("INT32", [1, 3, 64, 64]), ("INT32", [77])])
def test_tensors_that_fit_neither_are_refused(infer_token: str, datatype: str, shape: list[int]) -> None:
    answer = infer(infer_token, datatype, shape, 1)
    assert answer.status_code == 400
    assert "Input input must" in answer.json()["error"]


def test_the_metadata_describe_the_network_of_the_images(infer_token: str) -> None:
    described = Client().get(ADDRESS, headers=bearer(infer_token)).json()
    assert described["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 3, 64, 64]}]
