"""`POST /api/v1/models/<id>/infer` of models that find key points, classes of pixels and distances."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.test import Client

from packages_app.services.push import push_directory
from registry.services.audit import Actor
from tests.backends.networks import write_map_package
from tests.helpers import assert_error, bearer

SIZE = {"width": 800, "height": 450}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def ask(alpha: Any, tmp_path: Path, infer_token: str, image: bytes) -> Callable[..., Any]:
    """Publish a model for the task and ask it."""

    def ask(task: str, **query: str) -> Any:
        package = write_map_package(tmp_path, task)
        push_directory(
            package, model_id="alpha/maps", workspace=alpha, actor=Actor(name="test"), trusted=True, publish=True
        )
        address = "/api/v1/models/alpha/maps/infer"
        return Client().post(address, image, content_type="image/jpeg", headers=bearer(infer_token), query_params=query)

    return ask


def pixels(text: str) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(base64.b64decode(text), dtype=np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize(("query", "seen"), [({}, ["nose"]), ({"key_points_threshold": "0.1"}, ["nose", "tail"])])
def test_boxes_have_the_key_points_that_are_sure_enough(
    ask: Callable[..., Any], query: dict[str, str], seen: list[str]
) -> None:
    answer = ask("keypoint-detection", **query).json()
    (dog,) = answer["predictions"]
    assert (dog["x_min"], dog["x_max"]) == (100.0, 500.0)
    assert [point["class"] for point in dog["keypoints"]] == seen
    assert answer["skeletons"] == {"dog": [[0, 1]]}


def test_each_pixel_has_a_class_and_a_confidence(ask: Callable[..., Any]) -> None:
    answer = ask("semantic-segmentation").json()
    found = answer["predictions"]
    assert answer["image"] == SIZE
    assert pixels(found["segmentation_mask"]).shape == (450, 800)
    assert found["present_class_ids"] == [0, 1]
    sure = found["confidence_mask"]
    assert sure["scale"] * pixels(sure["data"])[0, 0] == pytest.approx(1)


def test_each_pixel_has_a_distance(ask: Callable[..., Any]) -> None:
    answer = ask("depth-estimation").json()
    form = answer["depth_map"]
    metres = form["offset"] + form["scale"] * pixels(form["data"])
    assert answer["image"] == SIZE
    assert metres.shape == (450, 800)
    assert (metres[0, 0], metres[0, -1]) == (1.0, pytest.approx(16))


def test_numbers_may_come_exactly(ask: Callable[..., Any]) -> None:
    form = ask("depth-estimation", map_format="floats").json()["depth_map"]
    metres = np.frombuffer(base64.b64decode(form["data"]), dtype="<f4").reshape(form["shape"])
    assert (metres.shape, metres[0, 0], metres[0, -1]) == ((450, 800), 1.0, 16.0)


def test_other_forms_are_refused(ask: Callable[..., Any]) -> None:
    assert_error(ask("depth-estimation", map_format="tiff"), "bad-parameter", 400)
