"""Key points with YOLOv8 and v11."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backends.families.family import keep_classes
from backends.families.key_points import KeyPointFamily
from backends.families.yolov8.outputs import Candidates, read_final, read_raw, require_nms
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters
from backends.postprocessing.boxes import points_to_image, to_image
from backends.postprocessing.checking import as_scores, require_names
from backends.predictions import Detections, KeyPoints
from backends.preprocessing import Geometry
from backends.session import Array

NUMBERS = 3
"""Of each key point: x and y in pixels of the network's input, and how sure it is, 0 to 1."""


class YoloKeyPoints(KeyPointFamily):
    """How the YOLO families lay out boxes and key points. Points may lie beside the image."""

    @property
    def extras(self) -> int:
        """Numbers that the network adds to each box."""
        return NUMBERS * self.places

    def placed(self, found: Candidates, geometry: Geometry, parameters: InferenceParameters) -> KeyPoints:
        """The boxes that are left over and their key points, on the image."""
        require_names(found.class_id, len(self.class_names))
        points = found.extra.reshape(len(found.class_id), self.places, NUMBERS)
        confidence = as_scores(points[:, :, 2])
        hidden = self.hidden(found.class_id, confidence, parameters)
        key_points = KeyPoints(
            boxes=Detections(
                xyxy=to_image(found.xyxy, geometry),
                class_id=found.class_id,
                confidence=found.confidence,
                class_names=self.class_names,
                image_size=geometry.original,
            ),
            xy=np.where(hidden[:, :, None], np.float32(0), points_to_image(points[:, :, :2], geometry)),
            confidence=np.where(hidden, np.float32(0), confidence),
            names=self.metadata.names,
            skeletons=self.metadata.skeletons,
        )
        return keep_classes(key_points, parameters.class_filter)


class YoloV8KeyPoints(YoloKeyPoints):
    """Output (4 + classes + 3 x key points, candidates), or with fused suppression (candidates, 6 + 3 x key points).

    With fused suppression the network has chosen already: of the parameters only the two thresholds count.
    """

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        require_nms(config)
        return super().adapt(config)

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> KeyPoints:
        threshold = self.threshold(parameters)
        if require_nms(self.config):
            found = read_final(outputs[0], self.extras, threshold, strict=False)
        else:
            found = read_raw(outputs[0], self.extras, threshold, parameters)
        return self.placed(found, geometry, parameters)
