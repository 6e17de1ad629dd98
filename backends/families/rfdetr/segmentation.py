"""Instance segmentation with RF-DETR."""

from __future__ import annotations

from collections.abc import Sequence

from backends.errors import NetworkMismatch
from backends.families.family import keep_classes
from backends.families.rfdetr.family import RfDetrQueries
from backends.families.rfdetr.queries import check_queries, frame_corners, read_queries
from backends.parameters import InferenceParameters
from backends.postprocessing.masks import boxes_on, mask_grid, plane_masks
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array


class RfDetrSegmentation(RfDetrQueries):
    """Outputs boxes (Q, 4), logits (Q, classes) and masks (Q, h, w), logits that are inside above zero.

    Masks are not cut to their boxes. Of the parameters for masks only their resolution and form count, as in the
    reference; ``max_detections`` does count here. The outputs of a TensorRT engine are read in its own order.
    """

    outputs_needed = 3

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        boxes, logits, planes = outputs
        check_queries(boxes, logits)
        if planes.ndim != 3 or len(planes) != len(boxes) or not planes.size:
            raise NetworkMismatch("The network's third output is not a mask for each of its boxes.")
        found = read_queries(logits, self.classes, self.threshold(parameters)).best(parameters.max_detections)
        grid = mask_grid((planes.shape[1], planes.shape[2]), geometry, parameters.masks_resolution_factor)
        detections = Detections(
            xyxy=boxes_on(grid, frame_corners(boxes[found.query], geometry), geometry),
            class_id=found.class_id,
            confidence=found.confidence,
            class_names=self.class_names,
            image_size=geometry.original,
            masks=plane_masks(planes[found.query], grid),
        )
        return keep_classes(detections, parameters.class_filter)
