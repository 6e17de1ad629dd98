"""Boxes with named points on what they hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.postprocessing.checking import as_scores, require_finite
from backends.predictions.detections import Detections
from backends.predictions.forms import MaskFormat, supervision

Edge = tuple[int, int]
"""The numbers of two key points that a line joins."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyPoints:
    """N boxes, each with K places for key points; a class may have fewer of them than there are places.

    ``boxes``: N detections without masks. ``xy``: float32 (N, K, 2), whole pixels of the image, which may lie beside
    it. ``confidence``: float32 (N, K), 0 to 1. A key point that is hidden, or that its class does not have, is at
    (0, 0) with confidence 0. ``names``: by class id, the names of its key points by their number. ``skeletons``: by
    class id, the pairs of key points that are joined. ``covariance``: float32 (N, K, 2, 2) in square pixels, NaN where
    a key point is hidden; None where the network gives none.
    """

    boxes: Detections
    xy: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    names: tuple[tuple[str, ...], ...]
    skeletons: tuple[tuple[Edge, ...], ...]
    covariance: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        """Raises OutputNotFinite and OutputUnusable for what is no key point."""
        require_finite(self.xy)
        as_scores(self.confidence)

    def __len__(self) -> int:
        return len(self.boxes)

    def select(self, rows: npt.NDArray[np.intp]) -> KeyPoints:
        """Some of the boxes with their key points, in the order of the row numbers given."""
        return replace(
            self,
            boxes=self.boxes.select(rows),
            xy=self.xy[rows],
            confidence=self.confidence[rows],
            covariance=None if self.covariance is None else self.covariance[rows],
        )

    def to_json(self, mask_format: MaskFormat = "polygon") -> dict[str, Any]:
        """The boxes as `Detections.to_json` gives them, each with ``keypoints``, and ``skeletons`` by class name.

        A key point is ``{"x", "y", "confidence", "class", "class_id"}``: its name, and its number among those of its
        class, which the edges of ``skeletons`` mean. Hidden ones are left out. Each has its
        ``covariance`` where the network gives them.
        """
        answer = self.boxes.to_json(mask_format)
        for row, prediction in enumerate(answer["predictions"]):
            prediction["keypoints"] = self._points_to_json(row)
        found = sorted(set(self.boxes.class_id.tolist()))
        answer["skeletons"] = {
            self.boxes.class_names[class_id]: [list(edge) for edge in self.skeletons[class_id]]
            for class_id in found
            if class_id < len(self.skeletons)
        }
        return answer

    def to_supervision(self) -> Any:
        """The same as a ``supervision.KeyPoints``, without the boxes' corners, for which it has no place.

        Raises RuntimeMissing if supervision is not installed.
        """
        names = [self.boxes.class_names[class_id] for class_id in self.boxes.class_id.tolist()]
        data: dict[str, Any] = {"class_name": np.array(names, dtype=str)}
        if self.covariance is not None:
            data["covariance"] = self.covariance
        return supervision().KeyPoints(
            xy=self.xy,
            class_id=self.boxes.class_id,
            keypoint_confidence=self.confidence,
            detection_confidence=self.boxes.confidence,
            data=data,
        )

    def _points_to_json(self, row: int) -> list[dict[str, Any]]:
        class_id = int(self.boxes.class_id[row])
        names = self.names[class_id] if class_id < len(self.names) else ()
        points = []
        for number, (name, (x, y), confidence) in enumerate(
            zip(names, self.xy[row].tolist(), self.confidence[row].tolist(), strict=False)
        ):
            if confidence <= 0:
                continue
            point = {"x": x, "y": y, "confidence": confidence, "class": name, "class_id": number}
            if self.covariance is not None:
                point["covariance"] = self.covariance[row, number].tolist()
            points.append(point)
        return points
