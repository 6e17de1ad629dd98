"""What models answer: small, frozen, typed objects, in the coordinates of the image that was given.

Pixel coordinates have their origin in the upper left corner of the upright image (after the EXIF rotation),
x to the right and y down. All arrays belong to the object and are not to be written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from backends.errors import RuntimeMissing
from backends.masks import InstanceMasks
from backends.postprocessing.checking import as_scores, require_finite, require_names

MaskFormat = Literal["polygon", "rle"]
ImageSize = tuple[int, int]
"""(height, width) in pixels."""


def _supervision() -> Any:
    try:
        import supervision
    except ImportError as error:
        raise RuntimeMissing("The supervision package is not installed here.") from error
    return supervision


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
        height, width = self.grid_size
        answer: dict[str, Any] = {"image": {"width": width, "height": height}}
        if self.grid_size != self.image_size:
            answer["original_image"] = {"width": self.image_size[1], "height": self.image_size[0]}
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
        return _supervision().Detections(
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


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """Scores of one image for all classes.

    ``scores``: float32 (C,), 0 to 1, in the order of ``class_names``. ``multi_label``: whether classes exclude each
    other (False) or each stands for itself. ``confidence``: least score at which a class counts as predicted, one for
    all or float32 (C,) with one for each.
    """

    scores: npt.NDArray[np.float32]
    class_names: tuple[str, ...]
    image_size: ImageSize
    multi_label: bool = False
    confidence: float | np.float32 | npt.NDArray[np.float32] = 0.5

    def predicted(self) -> npt.NDArray[np.intp]:
        """Class ids that count as predicted, in the order of the classes; at most the best one if only one can be."""
        enough = self.scores >= self.confidence
        if not self.multi_label:
            enough &= np.arange(len(self.scores)) == self.scores.argmax()
        return np.flatnonzero(enough)

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """Plain values for JSON. Classes by falling score, or by name if several may apply at once."""
        height, width = self.image_size
        order = np.argsort(-self.scores, kind="stable").tolist()
        scores = self.scores.tolist()
        answer: dict[str, Any] = {"image": {"width": width, "height": height}}
        if self.multi_label:
            answer["predictions"] = {
                name: {"confidence": scores[index], "class_id": index} for index, name in enumerate(self.class_names)
            }
            answer["predicted_classes"] = [self.class_names[index] for index in self.predicted()]
        else:
            answer["predictions"] = [
                {"class": self.class_names[index], "class_id": index, "confidence": scores[index]} for index in order
            ]
            answer["top"] = self.class_names[order[0]]
            answer["confidence"] = scores[order[0]]
        return answer

    def to_supervision(self) -> Any:
        """The same as a ``supervision.Classifications``."""
        class_id = np.arange(len(self.scores))
        return _supervision().Classifications(class_id=class_id, confidence=self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """Vectors of N images or texts: float32 (N, D), as the network gives them, not normalised."""

    vectors: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        """Raises OutputNotFinite."""
        require_finite(self.vectors)

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """Plain values for JSON: ``{"embeddings": [[...], ...]}``."""
        return {"embeddings": self.vectors.tolist()}

    def to_supervision(self) -> Any:
        """Supervision has no counterpart of embeddings: the vectors themselves."""
        return self.vectors


Prediction = Detections | Classification | Embeddings


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
