"""Boxes, and the masks of those that have any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.masks import InstanceMasks
from backends.postprocessing.checking import as_scores, require_finite, require_names
from backends.predictions.forms import ImageSize, MaskFormat, size_to_json, supervision


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes found in one image, and their masks if the model segments.

    ``xyxy``: float32 (N, 4), left, top, right, bottom; whole numbers on the grid of the image. When masks were
    asked for at a lower resolution, boxes are fractions on the grid of the masks (``grid_size``), like the masks.
    ``class_id``: int64 (N,), index into ``class_names``. ``confidence``: float32 (N,), 0 to 1.
    ``image_size``: (height, width) of the image. ``masks``: N masks, or None for models that only detect.
    """

    xyxy: npt.NDArray[np.float32]
    class_id: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.float32]
    class_names: tuple[str, ...]
    image_size: ImageSize
    masks: InstanceMasks | None = None

    def __post_init__(self) -> None:
        """Raises OutputNotFinite and OutputUnusable for what is no detection."""
        require_finite(self.xyxy)
        as_scores(self.confidence)
        require_names(self.class_id, len(self.class_names))

    def __len__(self) -> int:
        return len(self.class_id)

    @property
    def grid_size(self) -> ImageSize:
        """(height, width) of the grid on which boxes and masks are expressed."""
        return self.image_size if self.masks is None else self.masks.size

    def select(self, rows: npt.NDArray[np.intp]) -> Detections:
        """Some of the detections, in the order of the row numbers given."""
        masks = None if self.masks is None else self.masks.select(rows.tolist())
        return replace(
            self,
            xyxy=self.xyxy[rows],
            class_id=self.class_id[rows],
            confidence=self.confidence[rows],
            masks=masks,
        )

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """Plain values for JSON: ``{"image": {"width", "height"}, "predictions": [...]}``.

        Each prediction has its box as corners, ``x1``, ``y1`` (left, top), ``x2``, ``y2`` (right, bottom) in pixels,
        and ``confidence``, ``class`` and ``class_id``; with masks also ``mask_format`` and either ``points`` (a list
        of ``{"x", "y"}``) or ``rle`` (COCO's compressed form). This is the neutral answer, which each dialect turns
        into its own. If boxes and masks are on another grid than the image, ``image`` is the size of
        that grid, and ``original_image`` that of the image.
        """
        answer = size_to_json(self.grid_size, self.image_size)
        predictions: list[dict[str, Any]] = [
            {
                "x1": x1,
                "y1": y1,
                "x2": x2,
                "y2": y2,
                "confidence": confidence,
                "class": self.class_names[class_id],
                "class_id": class_id,
            }
            for (x1, y1, x2, y2), confidence, class_id in zip(
                self.xyxy.tolist(), self.confidence.tolist(), self.class_id.tolist(), strict=True
            )
        ]
        if self.masks is not None:
            for prediction, mask in zip(predictions, _masks_to_json(self.masks, mask_format), strict=True):
                prediction["mask_format"] = mask_format
                prediction.update(mask)
        answer["predictions"] = predictions
        return answer

    def to_supervision(self) -> Any:
        """The same as a ``supervision.Detections``. Raises RuntimeMissing if supervision is not installed."""
        names = np.array([self.class_names[class_id] for class_id in self.class_id.tolist()], dtype=str)
        return supervision().Detections(
            xyxy=self.xyxy,
            mask=None if self.masks is None else self.masks.to_dense(),
            confidence=self.confidence,
            class_id=self.class_id,
            data={"class_name": names},
        )


def _masks_to_json(masks: InstanceMasks, mask_format: MaskFormat) -> list[dict[str, Any]]:
    if mask_format == "rle":
        return [{"rle": rle} for rle in masks.to_coco()]
    return [
        {"points": [{"x": float(x), "y": float(y)} for x, y in polygon.tolist()]} for polygon in masks.to_polygons()
    ]


def no_detections(class_names: Sequence[str], image_size: ImageSize, mask_size: ImageSize | None = None) -> Detections:
    """An answer without a box; ``mask_size`` is the grid of the masks, for models that segment."""
    return Detections(
        xyxy=np.zeros((0, 4), dtype=np.float32),
        class_id=np.zeros(0, dtype=np.int64),
        confidence=np.zeros(0, dtype=np.float32),
        class_names=tuple(class_names),
        image_size=image_size,
        masks=None if mask_size is None else InstanceMasks(mask_size, ()),
    )
