"""Instance masks from prototypes and coefficients, or from a plane for each, straight to run lengths.

The reference multiplies all prototypes, enlarges each mask to the size of the image and compares every pixel with
the threshold: at 3000 x 2000 that is nearly all of its time. Two observations make it cheap:

* outside its box a mask is zero, so only the box's part of the prototypes is multiplied;
* bilinear interpolation is linear between two rows of prototypes. A mask is enlarged along x only; along y each
  column crosses the threshold between two rows at a place that one division gives. The crossings are the ends
  of the runs that COCO's format wants, so the mask is never made at full size.

The result differs from the reference's by single pixels at the edge, where float32 rounds differently.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backends.masks import InstanceMasks, Runs, runs_from_intervals
from backends.postprocessing.boxes import to_grid
from backends.postprocessing.checking import require_finite
from backends.preprocessing.geometry import Geometry

Floats = npt.NDArray[np.float32]

PROTOTYPE_SCALE = 0.25
"""Pixels of the prototypes for each pixel of the network's input; fixed in these networks, as in the reference."""

_ON_EDGE = 2e-3
"""Pixels of the target: nearer to a pixel than this, a crossing is within the rounding of float32."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis on the way from prototypes to the mask grid.

    ``start``: index of the prototypes at which the image begins (negative if it was cut off there). ``length``:
    prototypes that the image covers, virtual ones included. ``target``: pixels that these become. ``offset``:
    pixels of the grid before them. ``grid``: pixels of the whole grid.
    """

    start: int
    length: int
    target: int
    offset: int
    grid: int

    def to_target(self, position: Floats) -> npt.NDArray[np.float64]:
        """From a position along the prototypes to one along the target, both at centres of pixels."""
        return (position.astype(np.float64) + 0.5) * (self.target / self.length) - 0.5

    def weights(self, first: int, stop: int) -> tuple[int, Floats]:
        """How prototypes ``first`` to ``stop`` (counted from ``start``) weigh in the pixels of the target.

        Returns the first pixel with any weight, and float32 (pixels, stop - first). Enlarging is bilinear with
        clamped edges; reducing widens the triangle so that no prototype is left out (anti-aliasing).
        """
        ratio = self.length / self.target
        reach = max(ratio, 1.0)
        low = max(0, int((first - reach + 0.5) / ratio - 0.5))
        high = min(self.target, int((stop - 1 + reach + 0.5) / ratio - 0.5) + 2)
        if ratio <= 1:
            before, of_before, of_behind = self.neighbours(np.arange(low, high))
            sources = np.arange(first, stop)
            table = np.where(sources == before[:, None], of_before[:, None], np.float32(0))
            return low, np.where(sources == before[:, None] + 1, of_behind[:, None], table)
        centre = (np.arange(low, high) + 0.5) * ratio - 0.5
        table = np.maximum(1 - np.abs(centre[:, None] - np.arange(self.length)) / ratio, 0)
        table /= table.sum(axis=1, keepdims=True)
        return low, table[:, first:stop].astype(np.float32)

    def neighbours(self, pixels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
        """For pixels of the target, where there are not fewer of these than prototypes: what they are made of.

        Returns the prototype before each, its weight, and the weight of the next one. All of it is float32 like in
        the reference: where a pixel lies halfway between a prototype of 1 and one of 0, and the threshold is one half,
        the rounding of these weights decides about a whole row of pixels.
        """
        centre = np.float32(self.length) / np.float32(self.target) * (pixels.astype(np.float32) + np.float32(0.5))
        before = np.maximum((centre - np.float32(0.5)).astype(np.int64), 0)
        half = np.float32(0.5)
        of_before = np.maximum(1 - np.abs(before.astype(np.float32) - centre + half), 0)
        of_behind = np.maximum(1 - np.abs((before + 1).astype(np.float32) - centre + half), 0)
        of_behind = np.where(before + 1 < self.length, of_behind, np.float32(0))
        total = of_before + of_behind
        return before, of_before / total, of_behind / total


@dataclass(frozen=True, slots=True)
class MaskGrid:
    """The grid on which the masks of one image are answered."""

    rows: Axis
    columns: Axis

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.rows.grid, self.columns.grid

    @property
    def target(self) -> tuple[int, int]:
        """(height, width) of the static crop on the grid."""
        return self.rows.target, self.columns.target


def mask_grid(prototypes: tuple[int, int], geometry: Geometry, resolution_factor: float = 1.0) -> MaskGrid:
    """Lays the prototypes' (height, width) onto the image.

    ``resolution_factor``: 1 answers on the image's own pixels, 0 on those of the prototypes, linear between.
    """
    (network_height, network_width), (cropped_height, cropped_width) = geometry.network, geometry.cropped
    whole = geometry.cropped == geometry.original and not geometry.crop_left and not geometry.crop_top
    return MaskGrid(
        rows=_axis(
            prototypes[0], network_height, geometry.pad_top, geometry.pad_bottom, cropped_height,
            geometry.original[0], geometry.crop_top, resolution_factor, whole,
        ),
        columns=_axis(
            prototypes[1], network_width, geometry.pad_left, geometry.pad_right, cropped_width,
            geometry.original[1], geometry.crop_left, resolution_factor, whole,
        ),
    )  # fmt: skip


def boxes_on(grid: MaskGrid, xyxy: Floats, geometry: Geometry) -> Floats:
    """Boxes of the network's input on the grid, float32 (N, 4): whole pixels only where it is the image's own."""
    boxes = to_grid(xyxy, geometry, grid.target, grid.size, grid.columns.offset, grid.rows.offset)
    return np.rint(boxes) if grid.size == geometry.original else boxes


def _axis(
    prototypes: int,
    network: int,
    pad_before: int,
    pad_behind: int,
    cropped: int,
    original: int,
    crop_offset: int,
    factor: float,
    whole: bool,
) -> Axis:
    scale = prototypes / network
    start, end = round(scale * pad_before), round(scale * pad_behind)
    length = max(1, prototypes - start - end)
    target = cropped if factor >= 1 else max(1, round(length * (1 - factor) + cropped * factor))
    if whole:
        return Axis(start, length, target, 0, target)
    ratio = target / cropped
    offset = round(crop_offset * ratio)
    return Axis(start, length, target, offset, max(1, round(original * ratio), offset + target))


def instance_masks(
    prototypes: Floats,
    coefficients: Floats,
    boxes: Floats,
    grid: MaskGrid,
    threshold: float,
    smooth: bool,
) -> InstanceMasks:
    """Masks of N instances of one image.

    ``prototypes``: float32 (P, h, w). ``coefficients``: float32 (N, P). ``boxes``: float32 (N, 4), corners in pixels
    of the network's input, to which masks are cut. ``smooth``: apply the logistic function before interpolation.
    ``threshold``: not negative; pixels above it are inside.
    """
    edges = np.rint(boxes * np.float32(PROTOTYPE_SCALE)).astype(np.int64)
    prototypes = prototypes.astype(np.float32, copy=False)
    runs = [
        _runs(prototypes, weights, box, grid, np.float32(threshold), smooth)
        for weights, box in zip(coefficients.astype(np.float32, copy=False), edges, strict=True)
    ]
    return InstanceMasks(grid.size, tuple(runs))


def plane_masks(planes: Floats, grid: MaskGrid) -> InstanceMasks:
    """Masks of N instances from a plane of values for each, float32 (N, h, w); what is above zero is inside."""
    return InstanceMasks(grid.size, tuple(_plane_runs(plane.astype(np.float32, copy=False), grid) for plane in planes))


def _plane_runs(plane: Floats, grid: MaskGrid) -> Runs:
    require_finite(plane)
    first, below = _extent(plane.max(axis=1) > 0, grid.rows)
    left, right = _extent(plane.max(axis=0) > 0, grid.columns)
    if first >= below or left >= right:
        return np.array([grid.rows.grid * grid.columns.grid], dtype=np.uint32)
    top, start = grid.rows.start, grid.columns.start
    part = plane[top + first : top + below, start + left : start + right]
    return _runs_of_values(part, first, left, grid, np.float32(0))


def _extent(inside: npt.NDArray[np.bool_], axis: Axis) -> tuple[int, int]:
    """What of the axis (first, stop; counted from its start) decides whether a pixel is above zero.

    Interpolation gives nothing above zero unless one of the values that it weighs is: of these there are two on each
    side, and more where the mask is reduced.
    """
    low, high = max(0, -axis.start), min(axis.length, len(inside) - axis.start)
    (found,) = np.nonzero(inside[axis.start + low : axis.start + high])
    if found.size == 0:
        return 0, 0
    reach = 1 if axis.length <= axis.target else 1 + 2 * math.ceil(axis.length / axis.target)
    return max(low, low + int(found[0]) - reach), min(high, low + int(found[-1]) + 1 + reach)


def _runs(
    prototypes: Floats,
    coefficients: Floats,
    box: npt.NDArray[np.int64],
    grid: MaskGrid,
    threshold: np.float32,
    smooth: bool,
) -> Runs:
    count, height, width = prototypes.shape
    rows, columns = grid.rows, grid.columns
    pixels = rows.grid * columns.grid
    # The part of the box that lies on the prototypes and within the image.
    top, bottom = max(box[1], 0, rows.start), min(box[3], height, rows.start + rows.length)
    left, right = max(box[0], 0, columns.start), min(box[2], width, columns.start + columns.length)
    if top >= bottom or left >= right:
        return np.array([pixels], dtype=np.uint32)
    part = prototypes[:, top:bottom, left:right].reshape(count, -1)
    values = (coefficients @ part).reshape(bottom - top, right - left)
    require_finite(values)
    if smooth:
        with np.errstate(over="ignore"):
            values = 1 / (1 + np.exp(-values))
    return _runs_of_values(values, int(top - rows.start), int(left - columns.start), grid, threshold)


def _runs_of_values(values: Floats, first: int, left: int, grid: MaskGrid, threshold: np.float32) -> Runs:
    """From the values (rows, columns) of a part of the mask, which begins at row ``first`` and column ``left``.

    Both are counted from where the image begins. Around the part the mask is zero.
    """
    rows, columns = grid.rows, grid.columns
    height, width = values.shape
    column, weights = columns.weights(left, left + width)
    along_x = weights @ values.T
    if rows.length > rows.target:
        row, row_weights = rows.weights(first, first + height)
        starts, ends, of_column = _intervals_of_pixels(along_x @ row_weights.T > threshold, row)
    else:
        starts, ends, of_column = _intervals_between_rows(along_x, first, rows, threshold)
    base = (columns.offset + column + of_column) * rows.grid + rows.offset
    return runs_from_intervals(base + starts, base + ends, rows.grid * columns.grid)


def _intervals_of_pixels(
    inside: npt.NDArray[np.bool_], first_row: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last-but-one pixel of each run down the columns, and its column; ``inside`` is (columns, rows)."""
    change = np.diff(np.pad(inside, ((0, 0), (1, 1))).view(np.int8), axis=1)
    of_column, starts = np.nonzero(change == 1)
    ends = np.nonzero(change == -1)[1]
    return starts + first_row, ends + first_row, of_column


def _intervals_between_rows(
    values: Floats, first: int, rows: Axis, threshold: np.float32
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The same from the values at the rows of prototypes, (columns, rows), of which the first is row ``first``.

    Rows above and below are zero; at the end of the image the last row goes on instead.
    """
    padded = np.pad(values, ((0, 0), (1, 1)))
    change = np.diff((padded > threshold).view(np.int8), axis=1)
    starts, start_column = _crossings(padded, change == 1, first, threshold)
    ends, end_column = _crossings(padded, change == -1, first, threshold)

    def inside(column: npt.NDArray[np.int64], pixels: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether the pixels are, in the reference's arithmetic."""
        before, of_before, of_behind = rows.neighbours(np.clip(pixels, 0, rows.target - 1))
        last = padded.shape[1] - 1
        place = before - first + 1
        value = padded[column, np.clip(place, 0, last)] * of_before
        value += padded[column, np.clip(place + 1, 0, last)] * of_behind
        return np.asarray(value > threshold, dtype=np.bool_)

    # A pixel is inside if it lies behind the rising edge and before the falling one. On an edge, rounding decides.
    start_edges, end_edges = rows.to_target(starts), rows.to_target(ends)
    start_pixels = np.floor(start_edges).astype(np.int64) + 1
    end_pixels = np.ceil(end_edges).astype(np.int64)
    for edges, column, pixels, is_start in (
        (start_edges, start_column, start_pixels, True),
        (end_edges, end_column, end_pixels, False),
    ):
        nearest = np.rint(edges).astype(np.int64)
        on_edge = np.flatnonzero(np.abs(edges - nearest) < _ON_EDGE)
        if on_edge.size:
            pixel = nearest[on_edge]
            pixels[on_edge] = pixel + (inside(column[on_edge], pixel) != is_start)
    if first == 0:
        start_pixels[starts < 0] = 0
    if first + values.shape[1] == rows.length:
        end_pixels[ends > rows.length - 1] = rows.target
    np.clip(start_pixels, 0, rows.target, out=start_pixels)
    np.clip(end_pixels, 0, rows.target, out=end_pixels)
    some = start_pixels < end_pixels
    return start_pixels[some], end_pixels[some], start_column[some]


def _crossings(
    padded: Floats, where: npt.NDArray[np.bool_], first: int, threshold: np.float32
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Where along the rows the values cross the threshold, column by column, and the columns."""
    column, row = np.nonzero(where)
    before, behind = padded[column, row], padded[column, row + 1]
    position = row + (first - 1) + (threshold - before) / (behind - before)
    return position.astype(np.float32), column
