"""Non-maximum suppression, with the arithmetic of torchvision's ``batched_nms``.

Equal boxes and scores must give equal answers, also at the threshold. So areas and overlaps are float32, they are
compared as float64 with >, and boxes of different classes are kept apart as torchvision keeps them: up to 1000 boxes
by moving each class to a place of its own, which rounds the corners a little; above that by comparing classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_MOVED_APART_AT_MOST = 1000
"""Boxes; torchvision decides by 4000 numbers on the CPU."""

_AT_ONCE_AT_MOST = 128
"""Boxes of which each is compared with each in one go: for few, a call of NumPy costs more than what it computes."""


def suppress(
    xyxy: npt.NDArray[np.float32],
    confidence: npt.NDArray[np.float32],
    class_id: npt.NDArray[np.int64],
    iou_threshold: float,
    max_detections: int,
    class_agnostic: bool = False,
) -> npt.NDArray[np.intp]:
    """Row numbers of the boxes to keep, by falling confidence; at most ``max_detections``.

    ``xyxy``: float32 (N, 4) corners. ``confidence``: float32 (N,). ``class_id``: int64 (N,); boxes of different
    classes do not suppress each other unless ``class_agnostic``. A box goes if its overlap (intersection over union)
    with a kept one is greater than ``iou_threshold``.
    """
    if len(xyxy) == 0:
        return np.zeros(0, dtype=np.intp)
    order = np.argsort(-confidence, kind="stable")
    boxes = xyxy[order]
    classes = np.zeros(len(order), dtype=np.int64) if class_agnostic else class_id[order]
    apart = len(order) <= _MOVED_APART_AT_MOST
    if apart:
        offsets = classes.astype(np.float32) * (boxes.max() + np.float32(1))
        boxes = boxes + offsets[:, None]
    left, top, right, bottom = np.ascontiguousarray(boxes.T)
    areas = (right - left) * (bottom - top)
    limit = np.float64(iou_threshold)

    def overlap_too_much(one: Any, others: Any) -> npt.NDArray[np.bool_]:
        width = np.minimum(right[one], right[others]) - np.maximum(left[one], left[others])
        height = np.minimum(bottom[one], bottom[others]) - np.maximum(top[one], top[others])
        common = np.maximum(width, 0) * np.maximum(height, 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            gone: npt.NDArray[np.bool_] = common / (areas[one] + areas[others] - common) > limit
        return gone if apart else gone & (classes[one] == classes[others])

    every = np.arange(len(order))
    kept: list[int] = []
    if len(order) <= _AT_ONCE_AT_MOST:
        rows = overlap_too_much(every[:, None], every[None, :])
        gone = np.zeros(len(order), dtype=np.bool_)
        while len(kept) < max_detections and not gone.all():
            kept.append(int(gone.argmin()))
            gone |= rows[kept[-1]]
            # A box without area does not overlap itself.
            gone[kept[-1]] = True
        return order[kept]
    alive = every
    while alive.size and len(kept) < max_detections:
        best, rest = alive[0], alive[1:]
        kept.append(int(best))
        alive = rest[~overlap_too_much(best, rest)]
    return order[kept]
