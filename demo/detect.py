"""Run the exported detector with ONNX Runtime: letterbox, session, suppression. NumPy and OpenCV only.

Boxes are corners (x1, y1, x2, y2) in pixels of the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

PADDING = 114
CONFIDENCE = 0.4
SUPPRESSION_IOU = 0.3
MOST_DETECTIONS = 300


@dataclass(frozen=True)
class Placement:
    """Where an image lies in the square of the network: network pixel = image pixel * scale + offset."""

    scale_x: float
    scale_y: float
    left: int
    top: int


@dataclass(frozen=True)
class Detections:
    """Boxes (n, 4) float32, confidences (n,) float32, class_ids (n,) int64, the most certain first."""

    boxes: np.ndarray
    confidences: np.ndarray
    class_ids: np.ndarray


def letterbox(image: np.ndarray, size: int, padding: int = PADDING) -> tuple[np.ndarray, Placement]:
    """Fit a BGR image into a square of ``size`` pixels, centred, the rest filled with gray of value ``padding``."""
    height, width = image.shape[:2]
    scale = min(size / width, size / height)
    new_width, new_height = max(1, int(width * scale)), max(1, int(height * scale))
    left, top = (size - new_width) // 2, (size - new_height) // 2
    square = np.full((size, size, 3), padding, dtype=np.uint8)
    square[top : top + new_height, left : left + new_width] = cv2.resize(
        image, (new_width, new_height), interpolation=cv2.INTER_LINEAR
    )
    return square, Placement(new_width / width, new_height / height, left, top)


def to_input(squares: list[np.ndarray]) -> np.ndarray:
    """Stack BGR squares into the network's input: (batch, 3, size, size) float32, RGB, 0 to 1."""
    return np.stack(squares)[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) / 255


def suppress(output: np.ndarray, placement: Placement, width: int, height: int) -> Detections:
    """Turn one image's output (4 + classes, cells) into detections, suppressing overlaps within each class."""
    class_ids = output[4:].argmax(axis=0)
    confidences = output[4:].max(axis=0)
    kept = confidences > CONFIDENCE
    class_ids, confidences = class_ids[kept], confidences[kept]
    centres, sizes = output[:2, kept].T, output[2:4, kept].T
    corners = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    if len(corners):
        # Classes far apart from each other in space never suppress one another.
        apart = class_ids[:, None] * (2 * output[:4].max() + 1)
        whole = np.concatenate([corners[:, :2] + apart, sizes], axis=1)
        best = np.array(
            cv2.dnn.NMSBoxes(whole.tolist(), confidences.tolist(), CONFIDENCE, SUPPRESSION_IOU),
            dtype=np.int64,
        )
        best = best[:MOST_DETECTIONS]
    else:
        best = np.zeros(0, dtype=np.int64)
    offset = np.array([placement.left, placement.top] * 2, dtype=np.float32)
    scale = np.array([placement.scale_x, placement.scale_y] * 2, dtype=np.float32)
    boxes = ((corners[best] - offset) / scale).clip(0, [width, height, width, height])
    return Detections(boxes.astype(np.float32), confidences[best].astype(np.float32), class_ids[best])


class Detector:
    """The exported network in an ONNX Runtime session on the CPU."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0]
        self.size = int(self.input.shape[2])

    def detect(self, image: np.ndarray) -> Detections:
        """Find the shapes on one BGR uint8 image of shape (height, width, 3)."""
        square, placement = letterbox(image, self.size)
        output = self.session.run(None, {self.input.name: to_input([square])})[0][0]
        return suppress(output, placement, image.shape[1], image.shape[0])
