"""From boxes in the network's input to boxes in the image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backends.preprocessing.geometry import Geometry

Boxes = npt.NDArray[np.float32]


def corners(xywh: Boxes) -> Boxes:
    """Centre, width and height to corners; both float32 (N, 4)."""
    half = xywh[:, 2:] / 2
    return np.concatenate((xywh[:, :2] - half, xywh[:, :2] + half), axis=1)


def to_image(xyxy: Boxes, geometry: Geometry) -> Boxes:
    """Boxes of the network's input as whole pixels of the image, clipped to it; float32 (N, 4)."""
    return np.rint(to_grid(xyxy, geometry, geometry.cropped, geometry.original, geometry.crop_left, geometry.crop_top))


def to_grid(
    xyxy: Boxes,
    geometry: Geometry,
    target: tuple[int, int],
    canvas: tuple[int, int],
    offset_x: int,
    offset_y: int,
) -> Boxes:
    """Boxes of the network's input on a grid that covers the image, not rounded; float32 (N, 4).

    ``target``: (height, width) that the static crop has on that grid. ``canvas``: (height, width) of the whole grid.
    ``offset_x``, ``offset_y``: where the crop lies on it.
    """
    scale_x = geometry.scale_x * (geometry.cropped[1] / target[1])
    scale_y = geometry.scale_y * (geometry.cropped[0] / target[0])
    pad = np.array([geometry.pad_left, geometry.pad_top] * 2, dtype=np.float32)
    scale = np.array([scale_x, scale_y] * 2, dtype=np.float32)
    limit = np.array([canvas[1], canvas[0]] * 2, dtype=np.float32)
    offset = np.array([offset_x, offset_y] * 2, dtype=np.float32)
    boxes = (xyxy - pad) / scale + offset
    clipped: Boxes = np.minimum(np.maximum(boxes, np.float32(0)), limit)
    return clipped


def points_to_image(points: Boxes, geometry: Geometry) -> Boxes:
    """Points of the network's input as whole pixels of the image; both float32 (..., 2), x and y.

    They are not clipped: a network can see a key point where the image has ended.
    """
    pad = np.array([geometry.pad_left, geometry.pad_top], dtype=np.float32)
    scale = np.array([geometry.scale_x, geometry.scale_y], dtype=np.float32)
    offset = np.array([geometry.crop_left, geometry.crop_top], dtype=np.float32)
    placed: Boxes = np.rint((points - pad) / scale + offset)
    return placed
