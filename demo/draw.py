"""Draw images of coloured shapes with their ground truth.

The same seed always gives the same drawing. Images are BGR uint8 arrays of shape (height, width, 3), as OpenCV
wants them. Boxes are corners (x1, y1, x2, y2) in pixels of the image, with x to the right and y downwards.

Run ``python -m demo.draw`` to write the three images in ``demo/images`` with their ground truth again.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

CLASS_NAMES = ("circle", "rectangle", "triangle", "star")

# Sizes are shares of the image's longer edge, so that a drawing looks the same to the network at any resolution.
SMALLEST_SHAPE = 0.07
LARGEST_SHAPE = 0.42
MOST_SHAPES = 8
# Two boxes share at most this part of the smaller, so that suppression at an IoU of 0.3 keeps both.
LARGEST_OVERLAP = 0.3
LARGEST_CUT = 0.08
SMALLEST_CONTRAST = 110
# OpenCV takes polygon corners in sixteenths of a pixel when told a shift of four bits.
SUBPIXEL_BITS = 4

# Without much noise and with every class: (file, width, height, seed).
IMAGES = (("amber.png", 640, 480, 900_048), ("indigo.jpg", 480, 640, 900_052), ("meadow.jpg", 800, 450, 900_044))


@dataclass(frozen=True)
class Shape:
    """One shape of a drawing: an index into ``CLASS_NAMES`` and the tight box, cut at the image's edges."""

    class_id: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Drawing:
    """An image, (height, width, 3) BGR uint8, and the shapes on it from the back to the front."""

    image: np.ndarray
    shapes: tuple[Shape, ...]


def draw(seed: int, width: int | None = None, height: int | None = None) -> Drawing:
    """Draw one image; without a size, the longer edge is 320 to 1280 pixels and the aspect at most 2 to 1."""
    random = np.random.default_rng(seed)
    if width is None or height is None:
        width, height = random_size(random, 320, 1280)
    longer = max(width, height)
    image = _background(random, width, height)
    for _ in range(int(random.integers(0, 7))):
        _draw_clutter(random, image)
    shapes = _draw_shapes(random, image)
    for _ in range(int(random.integers(0, 3))):
        _draw_line(random, image, max(1, longer // 320))
    return Drawing(_photograph(random, image), shapes)


def random_size(random: np.random.Generator, shortest: int, longest: int) -> tuple[int, int]:
    """Choose (width, height) whose longer edge lies in ``shortest``..``longest`` and whose aspect is at most 2 to 1."""
    longer = int(random.integers(shortest, longest + 1))
    shorter = round(longer * random.uniform(0.5, 1.0))
    return (longer, shorter) if random.random() < 0.6 else (shorter, longer)


def _background(random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Plain colour, gradient or soft blotches: a few random cells, enlarged smoothly."""
    cells = ((1, 1), (2, 2), (2, 3), (4, 5), (8, 8))[int(random.integers(0, 5))]
    spread = random.uniform(10, 70)
    base = random.uniform(20, 235, size=3)
    grid = np.clip(base + random.uniform(-spread, spread, size=(*cells, 3)), 0, 255).astype(np.uint8)
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR)


def _draw_shapes(random: np.random.Generator, image: np.ndarray) -> tuple[Shape, ...]:
    height, width = image.shape[:2]
    shapes: list[Shape] = []
    wanted = int(random.integers(1, MOST_SHAPES + 1))
    if random.random() < 0.03:
        wanted = 0
    for _ in range(wanted * 6):
        if len(shapes) == wanted:
            break
        class_id = int(random.integers(0, len(CLASS_NAMES)))
        # A uniform size would favour large shapes; a log-uniform one gives every scale the same weight.
        size = max(width, height) * math.exp(random.uniform(math.log(SMALLEST_SHAPE), math.log(LARGEST_SHAPE)))
        corners = _corners(random, CLASS_NAMES[class_id], size)
        corners += random.uniform((0, 0), (width, height))
        low, high = corners.min(axis=0), corners.max(axis=0)
        clipped_low, clipped_high = np.maximum(low, 0), np.minimum(high, (width, height))
        if np.any(clipped_high - clipped_low < (high - low) * (1 - LARGEST_CUT)):
            continue
        box = (float(clipped_low[0]), float(clipped_low[1]), float(clipped_high[0]), float(clipped_high[1]))
        if any(_overlap(box, other.box) > LARGEST_OVERLAP for other in shapes):
            continue
        _paint(random, image, corners, size, box)
        shapes.append(Shape(class_id, box))
    return tuple(shapes)


def _corners(random: np.random.Generator, name: str, size: float) -> np.ndarray:
    """Corners of a rotated shape around the origin as a (corners, 2) array; the longer side of its box is ``size``."""
    turn = random.uniform(0, 2 * math.pi)
    if name == "circle":
        angles, radii = np.linspace(0, 2 * math.pi, 64, endpoint=False), np.ones(64)
    elif name == "rectangle":
        if random.random() < 0.4:
            turn = random.normal(0, 0.03)
        half = math.atan(random.uniform(0.4, 1.0))
        angles, radii = np.array([half, math.pi - half, math.pi + half, -half]), np.ones(4)
    elif name == "triangle":
        angles = np.arange(3) * (2 * math.pi / 3) + random.uniform(-0.35, 0.35, size=3)
        radii = np.ones(3)
    else:
        angles = np.arange(10) * (math.pi / 5)
        radii = np.where(np.arange(10) % 2 == 0, 1.0, random.uniform(0.36, 0.52))
    angles = angles + turn
    corners = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return (corners - (low + high) / 2) * (size / float((high - low).max()))


def _paint(
    random: np.random.Generator,
    image: np.ndarray,
    corners: np.ndarray,
    size: float,
    box: tuple[float, float, float, float],
) -> None:
    """Fill the shape in a colour that stands out, with or without an outline, or draw a thick outline alone."""
    x1, y1, x2, y2 = (int(value) for value in box)
    behind = image[y1 : y2 + 1 : 4, x1 : x2 + 1 : 4].reshape(-1, 3).mean(axis=0)
    colour = _contrasting(random, behind)
    polygon = [np.round(corners * (1 << SUBPIXEL_BITS)).astype(np.int32)]
    style = random.random()
    if style < 0.85:
        cv2.fillPoly(image, polygon, colour, cv2.LINE_AA, SUBPIXEL_BITS)
    if style > 0.65:
        # The line is drawn inside the polygon, because half of a centred one would lie outside the box.
        thickness = max(2, round(size * random.uniform(0.05, 0.1)))
        inner = corners.mean(axis=0) + (corners - corners.mean(axis=0)) * (1 - thickness / size)
        polygon = [np.round(inner * (1 << SUBPIXEL_BITS)).astype(np.int32)]
        edge = colour if style >= 0.85 else _contrasting(random, np.array(colour))
        cv2.polylines(image, polygon, True, edge, thickness, cv2.LINE_AA, SUBPIXEL_BITS)


def _contrasting(random: np.random.Generator, behind: np.ndarray) -> tuple[float, float, float]:
    """A BGR colour whose channels differ from ``behind`` by at least ``SMALLEST_CONTRAST`` in sum."""
    while True:
        colour = random.integers(0, 256, size=3)
        if np.abs(colour - behind).sum() >= SMALLEST_CONTRAST:
            return (float(colour[0]), float(colour[1]), float(colour[2]))


def _draw_clutter(random: np.random.Generator, image: np.ndarray) -> None:
    """Draw one thing that is no shape: a line, an open arc, a letter or a cross."""
    height, width = image.shape[:2]
    longer = max(width, height)
    thickness = max(1, round(longer * random.uniform(0.003, 0.012)))
    colour = tuple(float(value) for value in random.integers(0, 256, size=3))
    x, y = int(random.integers(0, width)), int(random.integers(0, height))
    reach = longer * random.uniform(0.03, 0.15)
    kind = int(random.integers(0, 4))
    if kind == 0:
        _draw_line(random, image, thickness)
    elif kind == 1:
        start, sweep = random.uniform(0, 360), random.uniform(40, 170)
        axes = (round(reach), round(reach * random.uniform(0.5, 1.0)))
        cv2.ellipse(image, (x, y), axes, random.uniform(0, 180), start, start + sweep, colour, thickness, cv2.LINE_AA)
    elif kind == 2:
        letter = "ACEFHKLMNSTVWXYZ"[int(random.integers(0, 16))]
        cv2.putText(image, letter, (x, y), cv2.FONT_HERSHEY_SIMPLEX, reach / 20, colour, thickness, cv2.LINE_AA)
    else:
        turn = random.uniform(0, math.pi / 2)
        for angle in (turn, turn + math.pi / 2):
            dx, dy = round(math.cos(angle) * reach / 2), round(math.sin(angle) * reach / 2)
            cv2.line(image, (x - dx, y - dy), (x + dx, y + dy), colour, 2 * thickness, cv2.LINE_AA)


def _draw_line(random: np.random.Generator, image: np.ndarray, thickness: int) -> None:
    height, width = image.shape[:2]
    colour = tuple(float(value) for value in random.integers(0, 256, size=3))
    start = (int(random.integers(0, width)), int(random.integers(0, height)))
    end = (int(random.integers(0, width)), int(random.integers(0, height)))
    cv2.line(image, start, end, colour, thickness, cv2.LINE_AA)


def _photograph(random: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Blur some images slightly and add noise to most, as a camera would."""
    if random.random() < 0.25:
        image = cv2.GaussianBlur(image, (3, 3), 0)
    strength = int(random.integers(0, 21))
    if strength > 2:
        noise = random.integers(-strength, strength + 1, size=image.shape, dtype=np.int16)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return image


def _overlap(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Share of the smaller box that lies inside the other."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return width * height / min(areas)


def write_images(folder: Path) -> None:
    """Write the images of ``IMAGES`` and ``ground_truth.json``, which lists the shapes of each."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = []
    for name, width, height, seed in IMAGES:
        drawing = draw(seed, width, height)
        quality = [cv2.IMWRITE_JPEG_QUALITY, 90] if name.endswith(".jpg") else []
        cv2.imwrite(str(folder / name), drawing.image, quality)
        shapes = [
            {"class": CLASS_NAMES[shape.class_id], "box": [round(value, 1) for value in shape.box]}
            for shape in drawing.shapes
        ]
        truth.append({"file": name, "width": width, "height": height, "seed": seed, "shapes": shapes})
    (folder / "ground_truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_images(Path(__file__).parent / "images")
