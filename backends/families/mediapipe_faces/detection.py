"""Faces and six points on each, as MediaPipe's face detector finds them.

Source: the description of the model that MediaPipe publishes ("BlazeFace, short range"), and what its task answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from backends.errors import NetworkMismatch
from backends.families.family import Family, PrepareImage, keep_classes
from backends.inference_config import InferenceConfig, NetworkInput, Size
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.checking import require_finite
from backends.postprocessing.confidence import threshold_of
from backends.predictions import Detections, KeyPoints
from backends.preprocessing import Geometry
from backends.preprocessing.geometry import plan
from backends.preprocessing.preprocessor import check_image
from backends.session import Array, Session

SIDE = 128
LEAST_CONFIDENCE = 0.5
"""Of the task itself: what is less sure it never answers, whatever a request wants."""
MOST_OVERLAP = 0.3
NAMES = ("right-eye", "left-eye", "nose", "mouth", "right-ear", "left-ear")
SKELETON = ((5, 1), (1, 2), (4, 0), (0, 2), (2, 3))
# Cells of a side, and anchors in each.
_LAYERS = ((16, 2), (8, 6))
_CANDIDATES = sum(cells * cells * anchors for cells, anchors in _LAYERS)
_NUMBERS = 4 + 2 * len(NAMES)
# What the network's raw score is cut to before it becomes one of 0 to 1.
_HIGHEST_RAW = 100
_CONFIG = InferenceConfig(
    network_input=NetworkInput(
        training_input_size=Size(height=SIDE, width=SIDE),
        dynamic_spatial_size_supported=False,
        color_mode="rgb",
        resize_mode="letterbox",
        input_channels=3,
    ),
)


class FaceDetection(Family):
    """Outputs (candidates, 16), boxes and points on the network's grid beside the anchors, and (candidates, 1), scores.

    Of the parameters only the confidence counts, from LEAST_CONFIDENCE on, and how many are wanted. Corners and points
    are whole pixels, and may lie beside the image. Nothing beside the network is read.
    """

    default_confidence = LEAST_CONFIDENCE
    output_names = ("regressors", "classificators")
    outputs_needed = 2
    takes_image_size = False

    @classmethod
    def read(cls, directory: Path, recommended: RecommendedParameters | None = None) -> Self:
        return cls(_CONFIG, ("face",), recommended)

    def check_session(self, session: Session) -> None:
        shapes = [spec.shape for spec in (*session.inputs, *session.outputs)]
        if shapes != [(1, SIDE, SIDE, 3), (1, _CANDIDATES, _NUMBERS), (1, _CANDIDATES, 1)]:
            raise NetworkMismatch("The network is not the face detector for short range.")

    def make_preprocessor(self, session: Session) -> PrepareImage:
        return prepare_image

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> KeyPoints:
        raw, scores = outputs[0], outputs[1].reshape(-1)
        require_finite(raw)
        require_finite(scores)
        # In float32 the power would be infinite.
        limited = np.clip(scores.astype(np.float64), -_HIGHEST_RAW, _HIGHEST_RAW)
        confidence = np.asarray(1 / (1 + np.exp(-limited)), dtype=np.float32)
        sure = confidence >= LEAST_CONFIDENCE
        boxes, confidence = _suppressed(_decoded(raw)[sure], confidence[sure])
        least = threshold_of(self.threshold(parameters), np.zeros(len(confidence), dtype=np.int64))
        kept = np.flatnonzero(confidence >= least)[: parameters.max_detections]
        return keep_classes(self._on_image(boxes[kept], confidence[kept], geometry), parameters.class_filter)

    def _on_image(
        self, boxes: npt.NDArray[np.float32], confidence: npt.NDArray[np.float32], geometry: Geometry
    ) -> KeyPoints:
        height, width = geometry.original
        side, left, top = _region(height, width)
        points = boxes.reshape(-1, _NUMBERS // 2, 2) * np.float32(side)
        centres, sizes = points[:, 0], points[:, 1]
        offset = np.array([left, top], dtype=np.float32)
        # The corner and the size are cut off to whole pixels, each for itself.
        corners = np.trunc(centres - sizes / 2 + offset)
        return KeyPoints(
            boxes=Detections(
                xyxy=np.concatenate([corners, corners + np.trunc(sizes)], axis=1, dtype=np.float32),
                class_id=np.zeros(len(boxes), dtype=np.int64),
                confidence=confidence,
                class_names=self.class_names,
                image_size=geometry.original,
            ),
            xy=np.rint(points[:, 2:] + offset),
            confidence=np.ones((len(boxes), len(NAMES)), dtype=np.float32),
            names=(NAMES,),
            skeletons=(SKELETON,),
        )


def prepare_image(
    image: npt.NDArray[np.generic], parameters: InferenceParameters
) -> tuple[npt.NDArray[np.float32], Geometry]:
    """The image in the middle of a square, float32 (SIDE, SIDE, 3) in RGB order from -1 to 1, black around it.

    Raises BadImage.
    """
    pixels = check_image(image)
    height, width = pixels.shape[:2]
    side, left, top = _region(height, width)
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float32)
    source = corners + np.array([left, top], dtype=np.float32)
    target = corners * np.float32(SIDE / side)
    matrix = cv2.getPerspectiveTransform(source, target)
    square = cv2.warpPerspective(pixels, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    if parameters.input_color_format == "bgr":
        square = square[:, :, ::-1]
    tensor = np.ascontiguousarray(square, dtype=np.float32) * np.float32(2 / 255) - np.float32(1)
    return tensor, plan("stretch", (height, width), (0, 0, width, height), (SIDE, SIDE))


def _region(height: int, width: int) -> tuple[int, float, float]:
    """Side, left and top of the square around the image, in pixels; the middle may lie between two."""
    side = max(height, width)
    return side, (width - side) / 2, (height - side) / 2


def _anchors() -> npt.NDArray[np.float32]:
    """The centres (candidates, 2) of what the network looks for, 0 to 1 over the square."""
    layers = []
    for cells, anchors in _LAYERS:
        middles = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells)
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        layers.append(np.repeat(grid, anchors, axis=0))
    return np.concatenate(layers)


_ANCHORS = _anchors()


def _decoded(raw: Array) -> npt.NDArray[np.float32]:
    """Rows of centre, size and points, each x and y, 0 to 1 over the square."""
    pairs = raw.reshape(-1, _NUMBERS // 2, 2).astype(np.float32) / np.float32(SIDE)
    moved = pairs + _ANCHORS[:, None]
    moved[:, 1] = pairs[:, 1]
    return np.asarray(moved.reshape(-1, _NUMBERS), dtype=np.float32)


def _suppressed(
    boxes: npt.NDArray[np.float32], confidence: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The surest first, each the mean of all that overlap with it, weighted by their confidence; its own stays."""
    left = np.argsort(-confidence, kind="stable")
    merged, best = [], []
    while left.size:
        first = left[0]
        same = _overlap(boxes[first], boxes[left]) > MOST_OVERLAP
        # A box without an extent overlaps with nothing, not even with itself.
        same[0] = True
        weights = confidence[left[same]][:, None]
        merged.append((boxes[left[same]] * weights).sum(axis=0) / weights.sum())
        best.append(confidence[first])
        left = left[~same]
    return (
        np.array(merged, dtype=np.float32).reshape(-1, _NUMBERS),
        np.array(best, dtype=np.float32),
    )


def _overlap(one: npt.NDArray[np.float32], others: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Intersection over union of a box with others."""
    starts, ends = others[:, :2] - others[:, 2:4] / 2, others[:, :2] + others[:, 2:4] / 2
    start, end = one[:2] - one[2:4] / 2, one[:2] + one[2:4] / 2
    sides = np.clip(np.minimum(ends, end) - np.maximum(starts, start), 0, None)
    shared = sides.prod(axis=1)
    union = np.clip(others[:, 2:4], 0, None).prod(axis=1) + np.clip(one[2:4], 0, None).prod() - shared
    return np.asarray(np.where(union > 0, shared / np.where(union > 0, union, 1), 0), dtype=np.float32)
