"""Architectures, tasks and backends that clients know, and what somebody meant by others."""

from __future__ import annotations

import pytest

from negotiation import known_models


def test_the_lists_are_those_of_the_clients_own_table() -> None:
    assert len(known_models.architectures()) == 58
    assert len(known_models.tasks()) == 16
    assert known_models.tasks("yolov10") == ("object-detection",)
    assert known_models.backends("yolov8", "object-detection") == ("onnx", "torch-script", "trt")


def test_what_older_clients_alone_load_is_known_too() -> None:
    assert known_models.backends("mediapipe-face-detector", "keypoint-detection") == ("mediapipe",)


def test_nothing_is_known_of_an_architecture_that_is_not_in_the_table() -> None:
    assert known_models.tasks("YOLO v8") == ()
    assert known_models.backends("yolov8", "detect") == ()


@pytest.mark.parametrize("name", known_models.architectures())
def test_a_known_architecture_means_itself(name: str) -> None:
    assert known_models.closest_architecture(name) == name


@pytest.mark.parametrize("name", known_models.tasks())
def test_a_known_task_means_itself(name: str) -> None:
    assert known_models.closest_task(name) == name


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("YOLO v8", "yolov8"), ("yolo8", "yolov8"), ("YOLO11", "yolov11"), ("yolov26", "yolo26"),
        ("yolov8n-seg", "yolov8"), ("RF-DETR", "rfdetr"), ("rfdetr-nano", "rfdetr"), ("resnet50", "resnet"),
        ("juggler", None), ("", None),
    ],
)  # fmt: skip
def test_it_finds_the_architecture_that_was_meant(typed: str, meant: str | None) -> None:
    assert known_models.closest_architecture(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("detect", "object-detection"), ("Object Detection", "object-detection"), ("segment", "instance-segmentation"),
        ("classify", "classification"), ("pose", "keypoint-detection"), ("objectdetecton", "object-detection"),
        ("juggling", None),
    ],
)  # fmt: skip
def test_it_finds_the_task_that_was_meant(typed: str, meant: str | None) -> None:
    assert known_models.closest_task(typed) == meant


def test_a_model_that_clients_know_has_no_problem() -> None:
    assert known_models.model_problems("yolov8", "object-detection") == {}


def test_a_problem_names_the_field_and_the_closest_value() -> None:
    assert known_models.model_problems("YOLO v8", "detect") == {
        "architecture": "No client knows the architecture `YOLO v8`; the closest that they know is `yolov8`.",
        "task": "No client knows the task `detect`; the closest that they know is `object-detection`.",
    }


def test_a_task_that_this_architecture_is_not_known_for_is_a_problem_of_the_task() -> None:
    assert known_models.model_problems("yolov10", "classification") == {
        "task": "Clients know `yolov10` for `object-detection`, and not for `classification`."
    }


def test_a_backend_that_clients_do_not_load_such_a_model_from_is_named_with_those_that_they_do() -> None:
    assert known_models.backend_problem("yolov10", "object-detection", "onnx") is None
    assert known_models.backend_problem("yolov10", "object-detection", "torch") == (
        "Clients load `yolov10` for `object-detection` from packages of `onnx` and `trt`, and not of `torch`."
    )
