"""Scores of one image for all classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.predictions.forms import ImageSize, MaskFormat, size_to_json, supervision


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
        order = np.argsort(-self.scores, kind="stable").tolist()
        scores = self.scores.tolist()
        answer = size_to_json(self.image_size, self.image_size)
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
        return supervision().Classifications(class_id=class_id, confidence=self.scores)
