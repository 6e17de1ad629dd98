"""Heads: the outputs that the client reads right, and the ones that it would misread."""

from __future__ import annotations

import pytest

from packages_app.contracts import contract_for
from packages_app.contracts.reading import Reading
from packages_app.facts import Tensor

Shape = tuple[int | str | None, ...]
CLASSES = 4
POINTS = 5


def problem(architecture: str, task: str, *shapes: Shape, fused: bool = False, dtype: str = "float") -> str | None:
    contract = contract_for(architecture, task, "onnx")
    assert contract is not None
    assert contract.head is not None
    reading = Reading(architecture, task, classes=CLASSES, fused=fused, key_points=POINTS)
    outputs = tuple(Tensor(f"output{number}", dtype, shape) for number, shape in enumerate(shapes))
    return contract.head(outputs, reading)


RIGHT: dict[str, tuple[str, str, tuple[Shape, ...], bool]] = {
    "raw": ("yolov8", "object-detection", ((1, 8, 2100),), False),
    "raw, dynamic": ("yolov8", "object-detection", (("batch", 8, "anchors"),), False),
    "raw, nothing known": ("yolov8", "object-detection", (("batch", None, None),), False),
    "no shape at all": ("yolov8", "object-detection", ((),), False),
    "suppressed inside": ("yolov8", "object-detection", ((1, 300, 6),), True),
    "masks": ("yolov8", "instance-segmentation", ((1, 40, 2100), (1, 32, 80, 80)), False),
    "masks, suppressed inside": ("yolov11", "instance-segmentation", ((1, 300, 38), (1, 32, 80, 80)), True),
    "key points": ("yolov8", "keypoint-detection", ((1, 23, 2100),), False),
    "rows": ("yolov10", "object-detection", ((1, 300, 6),), False),
    "rows of a small network": ("yolo26", "object-detection", ((1, 84, 6),), False),
    "rows with masks": ("yolo26", "instance-segmentation", ((1, 300, 38), (1, 32, None, None)), False),
    "rows with key points": ("yolo26", "keypoint-detection", ((1, 300, 21),), False),
    "yolov5": ("yolov5", "object-detection", (("batch", None, 9),), False),
    "yolov5 with masks": ("yolov5", "instance-segmentation", ((1, None, 41), (1, 32, None, None)), False),
    "yolonas": ("yolonas", "object-detection", ((1, None, 4), (1, None, 4)), False),
    "yololite": ("yololite", "object-detection", ((1, 10, 4), (1, 10, 1), (1, 10, 4)), False),
    "yolact": ("yolact", "instance-segmentation", ((1, 9, 4), (1, 9, 5), (1, 9, 32), (9, 4), (1, 8, 8, 32)), False),
    "detr": ("rfdetr", "object-detection", ((1, 300, 4), (1, 300, 5)), False),
    "detr with columns of another data set": ("rfdetr", "object-detection", ((1, 300, 4), (1, 300, 91)), False),
    "detr with key points": ("rfdetr", "keypoint-detection", ((1, 9, 4), (1, 9, 5), (1, 9, 25, 8)), False),
    "maps": ("deep-lab-v3-plus", "semantic-segmentation", (("batch", 4, 160, 160),), False),
    "maps without the background": ("yolo26", "semantic-segmentation", (("batch", 3, 160, 160),), False),
    "depth": ("yolo26", "depth-estimation", ((1, 1, 160, 160),), False),
    "scores": ("resnet", "classification", (("batch", 4),), False),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_the_client_reads_right_is_taken(name: str) -> None:
    architecture, task, shapes, fused = RIGHT[name]
    assert problem(architecture, task, *shapes, fused=fused) is None


WRONG: dict[str, tuple[str, str, tuple[Shape, ...], bool, str]] = {
    "a raw head without suppression": ("yolo26", "object-detection", ((1, 8, 84),), False, "as yolov8"),
    "a raw head as yolov10": ("yolov10", "object-detection", ((1, 8, 2100),), False, "nms=False"),
    "rows as a raw head": ("yolov8", "object-detection", ((1, 300, 6),), False, "nms_fused"),
    "a raw head called suppressed": ("yolov8", "object-detection", ((1, 8, 2100),), True, "fused to false"),
    "a raw head of any size as rows": ("yolo26", "object-detection", (("batch", 8, "anchors"),), False, "as yolov8"),
    "raw key points as rows": ("yolo26", "keypoint-detection", (("batch", 23, "anchors"),), False, "as yolov8"),
    "any number of rows as a raw head": ("yolov8", "object-detection", (("batch", "rows", 6),), False, "nms_fused"),
    "masks in a detector": ("yolov8", "object-detection", ((1, 40, 2100), (1, 32, 80, 80)), False, "segmentation"),
    "a detector for masks": ("yolov8", "instance-segmentation", ((1, 8, 2100),), False, "object-detection"),
    "more classes than names": ("yolov8", "object-detection", ((1, 12, 2100),), False, "8 classes"),
    "fewer classes than names": ("yolov8", "object-detection", ((1, 7, 2100),), False, "3 classes"),
    "no prototypes": ("yolov8", "instance-segmentation", ((1, 40, 2100),), False, "prototypes"),
    "key points of another list": ("yolov8", "keypoint-detection", ((1, 20, 2100),), False, "names 4"),
    "yolov8 as yolov5": ("yolov5", "object-detection", ((1, 8, 2100),), False, "wants 9"),
    "another number of outputs": ("yolonas", "object-detection", ((1, 8, 2100),), False, "wants 2"),
    "rows as detr": ("rfdetr", "object-detection", ((1, 300, 6),), False, "wants 2"),
    "fewer columns than names": ("rfdetr", "object-detection", ((1, 300, 4), (1, 300, 3)), False, "3 classes"),
    "another rank": ("resnet", "classification", ((1, 8, 2100),), False, "wants 2 dimensions"),
    "another number of scores": ("vit", "classification", ((1, 1000),), False, "1000 classes"),
    "maps of another data set": ("yolo26", "semantic-segmentation", ((1, 19, 160, 160),), False, "19 classes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_client_would_misread_is_refused_with_the_remedy(name: str) -> None:
    architecture, task, shapes, fused, said = WRONG[name]
    found = problem(architecture, task, *shapes, fused=fused) or ""
    assert said in found, found


def test_a_map_of_class_numbers_is_refused_for_its_type() -> None:
    found = problem("yolo26", "semantic-segmentation", (1, 160, 160), dtype="uint8")
    assert found is not None
    assert "Export the logits" in found
