"""Instance segmentation with YOLOv8 and v11."""

from __future__ import annotations

from collections.abc import Sequence

from backends.errors import NetworkMismatch
from backends.families.family import Family, keep_classes
from backends.families.yolov8.outputs import Candidates, read_final, read_raw, require_nms
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters
from backends.postprocessing.masks import boxes_on, instance_masks, mask_grid
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array

COEFFICIENTS = 32
"""Prototypes of every network of this family."""


class YoloV8Segmentation(Family):
    """Outputs (4 + classes + 32, candidates), or fused (candidates, 38), and prototypes (32, height/4, width/4)."""

    outputs_needed = 2
    output_names = ("output0", "output1")

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        require_nms(config)
        return super().adapt(config)

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        threshold = self.threshold(parameters)
        if require_nms(self.config):
            found = read_final(outputs[0], COEFFICIENTS, threshold, strict=False)
        else:
            found = read_raw(outputs[0], COEFFICIENTS, threshold, parameters)
        return segmented(self, found, outputs[1], geometry, parameters)


def segmented(
    family: Family,
    found: Candidates,
    prototypes: Array,
    geometry: Geometry,
    parameters: InferenceParameters,
    threshold: float | None = None,
    smooth: bool | None = None,
) -> Detections:
    """Boxes with their masks, on the grid that the request wants.

    ``threshold`` and ``smooth`` replace the request's, for families whose masks are always read in one way.
    """
    if prototypes.ndim != 3 or prototypes.shape[0] != found.extra.shape[1]:
        raise NetworkMismatch("The network's mask prototypes have not the shape that its family has.")
    grid = mask_grid((prototypes.shape[1], prototypes.shape[2]), geometry, parameters.masks_resolution_factor)
    masks = instance_masks(
        prototypes,
        found.extra,
        found.xyxy,
        grid,
        parameters.masks_binarization_threshold if threshold is None else threshold,
        parameters.masks_smoothing_enabled if smooth is None else smooth,
    )
    detections = Detections(
        xyxy=boxes_on(grid, found.xyxy, geometry),
        class_id=found.class_id,
        confidence=found.confidence,
        class_names=family.class_names,
        image_size=geometry.original,
        masks=masks,
    )
    return keep_classes(detections, parameters.class_filter)
