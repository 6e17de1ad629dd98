"""Object detection with RF-DETR."""

from __future__ import annotations

from collections.abc import Sequence

from backends.families.family import keep_classes
from backends.families.rfdetr.family import RfDetrQueries
from backends.families.rfdetr.queries import check_queries, frame_corners, read_queries
from backends.parameters import InferenceParameters
from backends.postprocessing.boxes import to_image
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class RfDetrDetection(RfDetrQueries):
    """Outputs boxes (Q, 4), centre, width and height from 0 to 1, and logits (Q, classes).

    Nothing is suppressed, and ``max_detections`` does not count, as in the reference; clients rely on having all boxes.
    The network is always fed at its own size.
    """

    outputs_needed = 2
    output_names = ("dets", "labels")
    takes_image_size = False

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        boxes, logits = outputs
        check_queries(boxes, logits)
        found = read_queries(logits, self.classes, self.threshold(parameters))
        detections = Detections(
            xyxy=to_image(frame_corners(boxes[found.query], geometry), geometry),
            class_id=found.class_id,
            confidence=found.confidence,
            class_names=self.class_names,
            image_size=geometry.original,
        )
        return keep_classes(detections, parameters.class_filter)
