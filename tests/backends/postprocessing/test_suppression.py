from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from backends.postprocessing.suppression import suppress


def _keep(
    boxes: list[list[float]], scores: list[float], classes: list[int] | None = None, **options: object
) -> list[int]:
    arguments = {"iou_threshold": 0.3, "max_detections": 300} | options
    class_id = np.array(classes if classes is not None else [0] * len(boxes), dtype=np.int64)
    kept = suppress(np.array(boxes, dtype=np.float32), np.array(scores, dtype=np.float32), class_id, **arguments)  # type: ignore[arg-type]
    return kept.tolist()


def test_a_weaker_box_on_a_stronger_one_goes() -> None:
    assert _keep([[0, 0, 10, 10], [1, 1, 11, 11], [50, 50, 60, 60]], [0.8, 0.9, 0.7]) == [1, 2]


def test_an_overlap_equal_to_the_threshold_stays() -> None:
    # 5 x 10 of 15 x 10 pixels: a third.
    boxes = [[0, 0, 10, 10], [5, 0, 15, 10]]
    third = float(np.float32(50) / np.float32(150))
    assert _keep(boxes, [0.9, 0.8], iou_threshold=third) == [0, 1]
    assert _keep(boxes, [0.9, 0.8], iou_threshold=third - 1e-7) == [0]


def test_other_classes_do_not_suppress() -> None:
    boxes = [[0, 0, 10, 10], [0, 0, 10, 10]]
    assert _keep(boxes, [0.9, 0.8], [0, 1]) == [0, 1]
    assert _keep(boxes, [0.9, 0.8], [0, 1], class_agnostic=True) == [0]


def test_a_suppressed_box_suppresses_nothing() -> None:
    boxes = [[0, 0, 10, 10], [6, 0, 16, 10], [12, 0, 22, 10]]
    assert _keep(boxes, [0.9, 0.8, 0.7], iou_threshold=0.2) == [0, 2]


def test_no_more_than_asked_for_are_kept() -> None:
    boxes = [[20.0 * i, 0, 20.0 * i + 10, 10] for i in range(9)]
    assert _keep(boxes, [i / 10 for i in range(9)], max_detections=2) == [8, 7]


def test_equal_scores_keep_their_order() -> None:
    assert _keep([[0, 0, 5, 5], [20, 0, 25, 5], [40, 0, 45, 5]], [0.5, 0.5, 0.5]) == [0, 1, 2]


def test_nothing_gives_nothing() -> None:
    assert suppress(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), 0.3, 300).size == 0


def test_boxes_without_area_do_no_harm() -> None:
    assert _keep([[5, 5, 5, 5], [5, 5, 5, 5]], [0.9, 0.8]) == [0, 1]


@pytest.mark.torch
@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="needs torchvision")
@pytest.mark.parametrize("count", [40, 999, 1001, 3000])
@pytest.mark.parametrize("iou_threshold", [0.1, 0.3, 0.7])
def test_it_equals_torchvision(count: int, iou_threshold: float) -> None:
    import torch
    from torchvision.ops import batched_nms

    random = np.random.default_rng(count)
    corner = random.uniform(0, 600, (count, 2))
    boxes = np.concatenate((corner, corner + random.uniform(5, 120, (count, 2))), axis=1).astype(np.float32)
    scores = random.uniform(0, 1, count).astype(np.float32)
    classes = random.integers(0, 80, count)
    expected = batched_nms(*(torch.from_numpy(array) for array in (boxes, scores, classes)), iou_threshold)[:300]
    np.testing.assert_array_equal(suppress(boxes, scores, classes, iou_threshold, 300), expected.numpy())
