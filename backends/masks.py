"""Instance masks as COCO run lengths: a few hundred bytes an instance, whatever the size of the image.

The one representation from post-processing to the wire. Dense arrays, polygons and compressed strings are made
from it when somebody asks. The format is that of the COCO API (``maskApi.c``): pixels are numbered down the
columns first, runs alternate between outside and inside and begin with outside, and the string form writes
each count in groups of five bits, from the third count on as a difference to the count two places before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Runs = npt.NDArray[np.uint32]


def runs_from_intervals(
    starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], pixels: int
) -> npt.NDArray[np.uint32]:
    """COCO run lengths of the half-open pixel intervals ``starts[i]..ends[i]``.

    The intervals are non-empty, ascending and do not overlap; neighbours that touch are merged. ``pixels`` is the
    number of pixels of the image, and the sum of the result.
    """
    if starts.size == 0:
        return np.array([pixels], dtype=np.uint32)
    apart = starts[1:] > ends[:-1]
    first = starts[np.concatenate(([True], apart))]
    last = ends[np.concatenate((apart, [True]))]
    edges = np.empty(2 * first.size + 2, dtype=np.int64)
    edges[0], edges[-1] = 0, pixels
    edges[1:-1:2], edges[2:-1:2] = first, last
    counts = np.diff(edges).astype(np.uint32)
    # A last run of no pixels says nothing, and the COCO tools do not write it.
    return counts[:-1] if counts[-1] == 0 else counts


def compress(counts: Runs) -> str:
    """The string in which the COCO tools write run lengths."""
    values = counts.astype(np.int64)
    values[3:] -= counts[1:-2].astype(np.int64)
    groups: list[npt.NDArray[np.int64]] = []
    valid: list[npt.NDArray[np.bool_]] = []
    alive = np.ones(values.size, dtype=bool)
    while alive.any():
        group = values & 0x1F
        values = values >> 5
        more = np.where(group & 0x10, values != -1, values != 0)
        groups.append(group + 48 + np.where(more, 0x20, 0))
        valid.append(alive)
        alive = alive & more
    table = np.stack(groups, axis=1).astype(np.uint8)
    return table[np.stack(valid, axis=1)].tobytes().decode("ascii")


def decompress(text: str) -> Runs:
    """The run lengths that `compress` wrote as ``text``. Raises ValueError if the string ends within a number."""
    counts: list[int] = []
    value = shift = 0
    for byte in text.encode("ascii"):
        group = byte - 48
        value |= (group & 0x1F) << shift
        shift += 5
        if group & 0x20:
            continue
        if group & 0x10:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    if shift:
        raise ValueError("The run lengths end within a number.")
    return np.array(counts, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class InstanceMasks:
    """The masks of N instances on one grid.

    ``size``: (height, width) of the grid in pixels: that of the image, unless a lower mask resolution was asked
    for. ``runs``: for each instance its COCO run lengths (uint32), which sum to height x width.
    """

    size: tuple[int, int]
    runs: tuple[Runs, ...]

    @classmethod
    def from_dense(cls, masks: npt.NDArray[np.bool_]) -> InstanceMasks:
        """From a boolean array (N, height, width)."""
        _, height, width = masks.shape
        runs = []
        for mask in masks:
            column_major = np.concatenate(([0], mask.T.ravel().view(np.int8), [0]))
            change = np.flatnonzero(np.diff(column_major))
            runs.append(runs_from_intervals(change[::2], change[1::2], height * width))
        return cls((height, width), tuple(runs))

    def __len__(self) -> int:
        return len(self.runs)

    def select(self, rows: Iterable[int]) -> InstanceMasks:
        """The masks of some of the instances, in the order given."""
        return InstanceMasks(self.size, tuple(self.runs[row] for row in rows))

    def areas(self) -> npt.NDArray[np.int64]:
        """Number of pixels inside each mask, int64 (N,)."""
        return np.array([int(counts[1::2].sum()) for counts in self.runs], dtype=np.int64)

    def to_dense(self) -> npt.NDArray[np.bool_]:
        """Boolean array (N, height, width)."""
        height, width = self.size
        dense = np.zeros((len(self.runs), height, width), dtype=bool)
        for index in range(len(self.runs)):
            crop, left, top = self._crop(index)
            dense[index, top : top + crop.shape[0], left : left + crop.shape[1]] = crop
        return dense

    def to_coco(self) -> list[dict[str, object]]:
        """COCO's compressed form: ``{"size": [height, width], "counts": str}`` for each instance."""
        return [{"size": list(self.size), "counts": compress(counts)} for counts in self.runs]

    def to_polygons(self) -> list[npt.NDArray[np.int32]]:
        """For each instance the outer contour with the most points: int32 (K, 2), x and y on the mask grid.

        Holes and islands are lost; clients of the SDK-compatible API expect this choice. An empty mask gives
        an array (0, 2).
        """
        return [self._polygon(index) for index in range(len(self.runs))]

    def _crop(self, index: int) -> tuple[npt.NDArray[np.bool_], int, int]:
        """The columns and rows that hold anything: (crop, left, top)."""
        height, _ = self.size
        edges = np.concatenate(([0], np.cumsum(self.runs[index], dtype=np.int64)))
        starts, ends = edges[1:-1:2], edges[2::2]
        if starts.size == 0 or starts[0] == ends[-1]:
            return np.zeros((0, 0), dtype=bool), 0, 0
        first_column, first_row = np.divmod(starts, height)
        last_column, last_row = np.divmod(ends - 1, height)
        left, right = int(first_column[0]), int(last_column[-1]) + 1
        if np.array_equal(first_column, last_column):
            # Only the rows in use are painted, and one more, so that a run has a place for its end.
            top, bottom = int(first_row.min()), int(last_row.max()) + 1
            stride = bottom - top + 1
        else:
            # A run goes on from the foot of one column at the head of the next.
            top, bottom, stride = 0, height, height
        change = np.zeros((right - left) * stride + 1, dtype=np.int8)
        change[(first_column - left) * stride + first_row - top] = 1
        change[(last_column - left) * stride + last_row - top + 1] = -1
        columns = np.cumsum(change[:-1], dtype=np.int8).reshape(right - left, stride)
        return np.asarray(cv2.transpose(columns[:, : bottom - top])).view(bool), left, top

    def _polygon(self, index: int) -> npt.NDArray[np.int32]:
        crop, left, top = self._crop(index)
        if crop.size == 0:
            return np.zeros((0, 2), dtype=np.int32)
        image = np.ascontiguousarray(crop).view(np.uint8)
        contours: Sequence[npt.NDArray[np.int32]] = cv2.findContours(
            image, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(left, top)
        )[0]
        longest = max(contours, key=len)
        return np.asarray(longest, dtype=np.int32).reshape(-1, 2)
