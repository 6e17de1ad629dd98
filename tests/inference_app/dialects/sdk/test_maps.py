"""Key points, classes of pixels and distances in the SDK's dialect."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.test import Client

from backends.errors import OutputUnusable
from inference_app.dialects.sdk.maps import depth, nearness, semantic
from packages_app.services.push import push_directory
from registry.services.audit import Actor
from tests.backends.networks import write_map_package
from tests.helpers import assert_error

MODEL = "alpha/maps"
SIZE = {"width": 800, "height": 450}
POINTS, CLASSES, DEPTH = "keypoint-detection", "semantic-segmentation", "depth-estimation"
ADDRESSES = {
    POINTS: "/infer/keypoints_detection",
    CLASSES: "/infer/semantic_segmentation",
    DEPTH: "/infer/depth-estimation",
}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


def pixels(text: str) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(base64.b64decode(text), dtype=np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.fixture
def ask(alpha: Any, tmp_path: Path, infer_token: str, image: bytes) -> Callable[..., Any]:
    """Publish a model for the task and ask it in mode v1."""

    def ask(task: str, address: str = "", **fields: Any) -> Any:
        publish(alpha, tmp_path, task)
        encoded = {"type": "base64", "value": base64.b64encode(image).decode()}
        body = {"api_key": infer_token, "model_id": MODEL, "image": encoded, **fields}
        return Client().post(address or ADDRESSES[task], json.dumps(body), content_type="application/json")

    return ask


@pytest.fixture
def ask_v0(alpha: Any, tmp_path: Path, infer_token: str, image: bytes) -> Callable[..., Any]:
    """Publish a model for the task and ask it in mode v0."""

    def ask(task: str, **query: str) -> Any:
        publish(alpha, tmp_path, task)
        query = {"api_key": infer_token, **query}
        return Client().post(f"/{MODEL}", base64.b64encode(image), content_type="text/plain", query_params=query)

    return ask


def publish(alpha: Any, folder: Path, task: str) -> None:
    package = write_map_package(folder / task, task)
    push_directory(package, model_id=MODEL, workspace=alpha, actor=Actor(name="test"), trusted=True, publish=True)


def test_key_points_come_with_their_boxes_but_without_what_only_we_tell(ask: Callable[..., Any]) -> None:
    answer = ask(POINTS).json()
    (dog,) = answer["predictions"]
    assert answer["image"] == SIZE
    assert "skeletons" not in answer
    assert (dog["x"], dog["width"], dog["class"], dog["class_id"]) == (300.0, 400.0, "dog", 1)
    # The image is 12.5 times as wide as the network's input, and 7.03125 times as high.
    assert [(point["class"], point["class_id"]) for point in dog["keypoints"]] == [("nose", 0), ("tail", 1)]
    nose = {"x": 125.0, "y": 84.0, "confidence": 0.5, "class": "nose", "class_id": 0}
    assert dog["keypoints"][0] == nose


def test_a_request_says_how_sure_key_points_must_be(ask: Callable[..., Any]) -> None:
    (dog,) = ask(POINTS, keypoint_confidence=0.3).json()["predictions"]
    assert [point["class"] for point in dog["keypoints"]] == ["nose"]


def test_mode_v0_answers_the_same_key_points(ask_v0: Callable[..., Any]) -> None:
    (dog,) = ask_v0(POINTS, keypoint_confidence="0.3").json()["predictions"]
    assert [point["class"] for point in dog["keypoints"]] == ["nose"]


def test_key_points_can_be_drawn(ask_v0: Callable[..., Any]) -> None:
    answer = ask_v0(POINTS, format="image")
    assert answer["Content-Type"] == "image/jpeg"
    assert cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR).shape == (450, 800, 3)


def test_each_pixel_has_a_class(ask: Callable[..., Any]) -> None:
    answer = ask(CLASSES).json()
    found = answer["predictions"]
    assert answer["image"] == found["image"] == SIZE
    assert found["class_map"] == {"0": "background", "1": "cat"}
    assert found["present_class_ids"] == [0, 1]
    classes, sure = pixels(found["segmentation_mask"]), pixels(found["confidence_mask"])
    assert classes.shape == sure.shape == (450, 800)
    assert classes.dtype == sure.dtype == np.uint8
    assert (classes[0, 0], classes[-1, -1]) == (0, 1)


def test_mode_v0_answers_the_same_classes(ask_v0: Callable[..., Any]) -> None:
    assert pixels(ask_v0(CLASSES).json()["predictions"]["segmentation_mask"]).shape == (450, 800)


def test_classes_of_pixels_can_be_drawn(ask: Callable[..., Any]) -> None:
    assert pixels(ask(CLASSES, visualize_predictions=True).json()["visualization"]).shape == (450, 800, 3)


def test_another_address_answers_no_classes_of_pixels(ask: Callable[..., Any]) -> None:
    assert_error(ask(CLASSES, "/infer/object_detection"), "invalid-request", 400)


def test_one_is_near_and_zero_is_far(ask: Callable[..., Any]) -> None:
    answer = ask(DEPTH).json()
    near = np.array(answer["normalized_depth"])
    assert near.shape == (450, 800)
    assert (near[0, 0], near[0, -1]) == (1.0, 0.0)
    assert answer["depth_map_format"] == "json"
    assert pixels(answer["image"]).shape == (450, 800, 3)


@pytest.mark.parametrize(("form", "levels"), [("png16", 65535), ("png8", 255)])
def test_distances_may_come_as_a_picture(ask: Callable[..., Any], form: str, levels: int) -> None:
    answer = ask(DEPTH, depth_map_format=form).json()
    near = pixels(answer["normalized_depth"])
    assert answer["depth_map_format"] == form
    assert (near[0, 0], near[0, -1]) == (levels, 0)


def test_the_model_may_stand_in_the_address(ask: Callable[..., Any]) -> None:
    assert ask(DEPTH, f"{ADDRESSES[DEPTH]}/{MODEL}", depth_map_format="png8").status_code == 200


def test_the_address_and_the_body_must_mean_the_same_model(ask: Callable[..., Any]) -> None:
    assert_error(ask(DEPTH, f"{ADDRESSES[DEPTH]}/alpha/other"), "invalid-request", 400)


def test_mode_v0_answers_the_same_distances(ask_v0: Callable[..., Any]) -> None:
    assert len(ask_v0(DEPTH).json()["normalized_depth"]) == 450


def test_distances_can_be_drawn(ask_v0: Callable[..., Any]) -> None:
    answer = ask_v0(DEPTH, format="image")
    assert cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR).shape == (450, 800, 3)


def test_confidence_is_cut_down_to_whole_255ths() -> None:
    maps = {
        "segmentation_mask": np.zeros((1, 3), dtype=np.uint8),
        "confidence_mask": np.array([[0, 0.999, 1]], dtype=np.float32),
        "class_map": {"0": "background"},
        "present_class_ids": [0],
    }
    found = semantic({"image": {"width": 3, "height": 1}, "predictions": maps})
    assert pixels(found["predictions"]["confidence_mask"]).tolist() == [[0, 254, 255]]


def test_the_image_is_that_which_was_sent_where_the_maps_show_a_part() -> None:
    maps = {
        "segmentation_mask": np.zeros((1, 3), dtype=np.uint8),
        "confidence_mask": np.zeros((1, 3), dtype=np.float32),
        "class_map": {"0": "background"},
        "present_class_ids": [0],
    }
    found = semantic({"image": {"width": 3, "height": 1}, "original_image": SIZE, "predictions": maps})
    assert found["image"] == found["predictions"]["image"] == SIZE


def test_distances_that_are_all_the_same_are_neither_near_nor_far() -> None:
    with pytest.raises(OutputUnusable, match="equally far"):
        nearness(np.ones((2, 2), dtype=np.float32))


def test_the_picture_of_distances_goes_from_violet_to_yellow() -> None:
    metres = np.repeat(np.array([[1, 9]], dtype=np.float32), 32, axis=0).repeat(32, axis=1)
    blue, green, red = pixels(depth(metres, "png8")["image"])[16, 8].astype(int)
    assert red > 200
    assert green > 200 > blue
    blue, green, red = pixels(depth(metres, "png8")["image"])[16, 56].astype(int)
    assert max(red, green) < 100
