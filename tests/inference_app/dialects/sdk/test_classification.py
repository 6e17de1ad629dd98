"""Classifiers in the SDK's dialect."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from django.test import Client
from onnx import TensorProto, helper

from packages_app.services.push import push_directory
from registry.services.audit import Actor
from tests.helpers import assert_error

NAMES = ("cat", "dog", "horse")
SCORES = (0.25, 0.6, 0.15)
ONE, SEVERAL = "classification", "multi-label-classification"
ADDRESS = "/infer/classification"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


def _network() -> bytes:
    """A network that answers SCORES for each image, whatever it shows."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "nothing"], ["flat"]),
        helper.make_node("Reshape", ["flat", "column"], ["zero"]),
        helper.make_node("Add", ["zero", "scores"], ["output"]),
    ]
    constants = [
        helper.make_tensor("nothing", TensorProto.FLOAT, [1], [0.0]),
        helper.make_tensor("column", TensorProto.INT64, [2], [-1, 1]),
        helper.make_tensor("scores", TensorProto.FLOAT, [1, len(SCORES)], SCORES),
    ]
    graph = helper.make_graph(
        nodes,
        "scores",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, 64, 64])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", len(SCORES)])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _write(directory: Path, task: str) -> Path:
    config = {
        "network_input": {
            "training_input_size": {"height": 64, "width": 64},
            "dynamic_spatial_size_supported": False,
            "color_mode": "rgb",
            "resize_mode": "stretch",
            "input_channels": 3,
            "scaling_factor": 255,
        },
        "post_processing": {"type": "softmax" if task == ONE else "sigmoid", "fused": True},
    }
    kind = {"model_architecture": "resnet", "task_type": task, "backend_type": "onnx"}
    (directory / "weights.onnx").write_bytes(_network())
    (directory / "class_names.txt").write_text("\n".join(NAMES))
    (directory / "inference_config.json").write_text(json.dumps(config))
    (directory / "model_config.json").write_text(json.dumps(kind))
    return directory


@pytest.fixture
def push(alpha: Any, tmp_path: Path) -> Callable[..., Any]:
    """Push a classifier for the task and publish it."""

    def push(task: str) -> Any:
        return push_directory(
            _write(tmp_path, task),
            model_id="alpha/animals",
            workspace=alpha,
            actor=Actor(name="test"),
            trusted=True,
            publish=True,
        )

    return push


@pytest.fixture
def ask(infer_token: str, image: bytes) -> Callable[..., Any]:
    """Ask in mode v1."""
    encoded = {"type": "base64", "value": base64.b64encode(image).decode()}

    def ask(address: str = ADDRESS, **fields: Any) -> Any:
        body = {"api_key": infer_token, "model_id": "alpha/animals", "image": encoded, **fields}
        return Client().post(address, json.dumps(body), content_type="application/json")

    return ask


def test_classes_come_best_first_with_the_best_beside_them(push: Callable[..., Any], ask: Callable[..., Any]) -> None:
    push(ONE)
    answer = ask(confidence=0.2).json()
    assert answer["image"] == {"width": 800, "height": 450}
    assert [(item["class"], item["class_id"]) for item in answer["predictions"]] == [("dog", 1), ("cat", 0)]
    assert set(answer["predictions"][0]) == {"class", "class_id", "confidence"}
    assert (answer["top"], answer["confidence"]) == ("dog", pytest.approx(0.6))


@pytest.mark.parametrize("fields", [{}, {"confidence": "default"}, {"confidence": "best"}])
def test_what_is_not_sure_is_left_out(
    push: Callable[..., Any], ask: Callable[..., Any], fields: dict[str, Any]
) -> None:
    push(ONE)
    assert [item["class"] for item in ask(**fields).json()["predictions"]] == ["dog"]


def test_when_nothing_is_sure_there_is_no_best_class(push: Callable[..., Any], ask: Callable[..., Any]) -> None:
    push(ONE)
    answer = ask(confidence=0.9).json()
    assert (answer["predictions"], answer["top"], answer["confidence"]) == ([], "", 0)


def test_several_labels_come_by_name(push: Callable[..., Any], ask: Callable[..., Any]) -> None:
    push(SEVERAL)
    answer = ask(confidence=0.25).json()
    assert answer["predictions"] == {
        name: {"confidence": pytest.approx(score), "class_id": index}
        for index, (name, score) in enumerate(zip(NAMES, SCORES, strict=True))
    }
    assert answer["predicted_classes"] == ["cat", "dog"]
    assert "top" not in answer


def test_filters_of_boxes_mean_nothing_here(push: Callable[..., Any], ask: Callable[..., Any]) -> None:
    push(ONE)
    assert ask(class_filter=["cat"], max_detections=0).json()["top"] == "dog"


def test_a_batch_is_answered_one_by_one(push: Callable[..., Any], ask: Callable[..., Any], image: bytes) -> None:
    push(SEVERAL)
    encoded = {"type": "base64", "value": base64.b64encode(image).decode()}
    assert [answer["predicted_classes"] for answer in ask(image=[encoded, encoded]).json()] == [["dog"], ["dog"]]


def test_mode_v0_answers_the_same(push: Callable[..., Any], infer_token: str, image: bytes) -> None:
    push(ONE)
    query = {"api_key": infer_token, "confidence": "20"}
    body = base64.b64encode(image)
    answer = Client().post("/alpha/animals", body, content_type="text/plain", query_params=query).json()
    assert [item["class"] for item in answer["predictions"]] == ["dog", "cat"]


def test_the_address_of_detectors_does_not_answer(push: Callable[..., Any], ask: Callable[..., Any]) -> None:
    push(ONE)
    assert_error(ask("/infer/object_detection"), "invalid-request", 400)
