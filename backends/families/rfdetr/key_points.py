"""Key points with RF-DETR."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from backends.errors import NetworkMismatch, PackageConfigInvalid
from backends.families.family import keep_classes
from backends.families.key_points import KeyPointFamily
from backends.families.rfdetr.classes import REMOVED
from backends.families.rfdetr.family import RfDetrQueries
from backends.families.rfdetr.queries import Found, check_queries, frame_corners
from backends.inference_config import InferenceConfig
from backends.key_points_metadata import KeyPointsMetadata
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.activation import sigmoid
from backends.postprocessing.boxes import points_to_image, to_image
from backends.postprocessing.checking import as_scores, require_finite
from backends.postprocessing.confidence import threshold_of
from backends.predictions import Detections, KeyPoints
from backends.preprocessing import Geometry
from backends.session import Array

Floats = npt.NDArray[np.float32]

NUMBERS = 8
"""Of each key point: x and y from 0 to 1, logits of whether it can be found and be seen, the logarithm of l11, l21, the
logarithm of l22, and a logit for its class. [[l11, 0], [l21, l22]] is the Cholesky factor of the inverse covariance."""

_EXPONENT = -0.2


class RfDetrKeyPoints(KeyPointFamily, RfDetrQueries):
    """Outputs boxes (Q, 4), logits (Q, classes) and key points (Q, classes x places, 8).

    A class has as many places as the class with the most key points. Every pair of a query and a class is a candidate;
    nothing is suppressed, and ``max_detections`` does not count, as in the reference. A pair's confidence is no
    probability: the surer its key points, the higher it is, and never above 1. Key points are kept within the image.
    """

    outputs_needed = 3
    output_names = ("dets", "labels", "keypoints")
    takes_image_size = False
    default_key_points_threshold = 0.3

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        """Clients fail at every request to a package that removes no class, so that it is refused here at once."""
        if not config.class_names_operations:
            raise PackageConfigInvalid("inference_config.json: class_names_operations is needed for this task.")
        return super().adapt(config)

    def __init__(
        self,
        config: InferenceConfig,
        class_names: tuple[str, ...],
        recommended: RecommendedParameters | None,
        metadata: KeyPointsMetadata,
    ) -> None:
        """Raises PackageConfigInvalid if no class has a key point, or none is left."""
        super().__init__(config, class_names, recommended, metadata)
        # The network's columns of the classes that are answered, whose ids are numbered anew.
        self._columns = np.flatnonzero(self.classes.new_ids != REMOVED)
        self.metadata = metadata.select(self._columns.tolist())

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> KeyPoints:
        boxes, logits, values = outputs
        check_queries(boxes, logits)
        queries, columns = logits.shape
        if values.shape != (queries, columns * self.places, NUMBERS):
            raise NetworkMismatch("The network's third output is not the key points of each box and class.")
        values = values.reshape(queries, columns, self.places, NUMBERS)
        found = self._found(logits, values, parameters)
        chosen = values[found.query, self._columns[found.class_id]]
        confidence = as_scores(sigmoid(chosen[:, :, 2]))
        hidden = self.hidden(found.class_id, confidence, parameters)
        height, width = geometry.network
        points = points_to_image(chosen[:, :, :2] * np.array([width, height], dtype=np.float32), geometry)
        points = np.clip(points, 0, np.array(geometry.original[::-1], dtype=np.float32))
        key_points = KeyPoints(
            boxes=Detections(
                xyxy=to_image(frame_corners(boxes[found.query], geometry), geometry),
                class_id=found.class_id,
                confidence=found.confidence,
                class_names=self.class_names,
                image_size=geometry.original,
            ),
            xy=np.where(hidden[:, :, None], np.float32(0), points),
            confidence=np.where(hidden, np.float32(0), confidence),
            names=self.metadata.names,
            skeletons=self.metadata.skeletons,
            covariance=np.where(hidden[:, :, None, None], np.float32(np.nan), _covariance(chosen, geometry)),
        )
        return keep_classes(key_points, parameters.class_filter)

    def _found(self, logits: Floats, values: Floats, parameters: InferenceParameters) -> Found:
        """The pairs above the threshold, best first."""
        scores = _scores(sigmoid(logits), values)
        query, column = np.divmod(np.arange(scores.size), logits.shape[1])
        class_id = self.classes.renumber(column.astype(np.int64))
        named = np.flatnonzero(class_id != REMOVED)
        confidence = as_scores(scores.ravel()[named])
        enough = confidence > threshold_of(self.threshold(parameters), class_id[named])
        named, confidence = named[enough], confidence[enough]
        order = np.argsort(-confidence, kind="stable")
        return Found(query[named[order]], class_id[named[order]], confidence[order])


def _scores(probability: Floats, values: Floats) -> Floats:
    """Confidence (Q, classes): the probability times the spread of the key points to the power of -1/5, squeezed.

    The spread is the mean trace of the covariances, weighted by whether the key points can be found.
    """
    weights = sigmoid(values[..., 2])
    l11, l21, l22 = _factor(values)
    spread = (l11**2 + l21**2 + l22**2) / (l11 * l22) ** 2
    total = weights.sum(axis=-1)
    mean = (weights * spread).sum(axis=-1) / np.maximum(total, np.finfo(np.float32).tiny)
    surer = probability * mean**_EXPONENT
    return np.asarray(surer / (1 + surer), dtype=np.float32)


def _covariance(values: Floats, geometry: Geometry) -> Floats:
    """Of key points (N, places, 8), float32 (N, places, 2, 2) in square pixels of the image."""
    l11, l21, l22 = _factor(values)
    height, width = geometry.network
    x, y = width / geometry.scale_x, height / geometry.scale_y
    inverse = 1 / (l11 * l22) ** 2
    mixed = -l11 * l21 * inverse * (x * y)
    rows = (l21**2 + l22**2) * inverse * x**2, mixed, mixed, l11**2 * inverse * y**2
    return np.stack(rows, axis=-1).reshape(*l11.shape, 2, 2).astype(np.float32)


def _factor(values: Floats) -> tuple[Floats, Floats, Floats]:
    """l11, l21 and l22. Raises OutputNotFinite."""
    require_finite(values)
    return np.exp(values[..., 4]), values[..., 5], np.exp(values[..., 6])
