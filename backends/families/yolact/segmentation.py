"""Instance segmentation with YOLACT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backends.errors import NetworkMismatch
from backends.families.family import Family
from backends.families.yolov8.outputs import Floats, best_classes, require_shape, suppressed
from backends.families.yolov8.segmentation import COEFFICIENTS, segmented
from backends.parameters import InferenceParameters
from backends.postprocessing.boxes import corners
from backends.predictions import Detections
from backends.preprocessing import Geometry
from backends.session import Array, Session

_CENTRE, _SIZE = np.float32(0.1), np.float32(0.2)
"""Variances by which the network's offsets were divided in training."""


class YolactSegmentation(Family):
    """Outputs, in order: offsets (priors, 4), probabilities (priors, 1 + classes) with the background first, mask
    coefficients (priors, 32), priors (priors, 4) as centre and size in 0 to 1, and prototypes (height, width, 32).

    The priors have no batch side, so images are run one by one, and a network of a larger batch is refused. The
    background is left out before a class is chosen. Masks are probabilities above one half; they are cut at a quarter
    of the network's input, whatever size the prototypes have, as in the reference library. The network is always fed
    at the size that it was trained for, and ``post_processing`` is not read.
    """

    outputs_needed = 5
    shared_outputs = frozenset({3})
    takes_image_size = False

    def check_session(self, session: Session) -> None:
        super().check_session(session)
        if session.batch_policy.minimum > 1:
            raise NetworkMismatch("The network takes several images at once, and this architecture takes them singly.")

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Detections:
        offsets, scores, coefficients, priors, prototypes = outputs[:5]
        require_shape(offsets, offsets.ndim == 2 and offsets.shape[1] == 4, "(priors, 4)")
        count = len(offsets)
        fits = scores.ndim == 2 and len(scores) == count and scores.shape[1] > 1
        require_shape(scores, fits, "(priors, 1 + classes) as its second one")
        require_shape(coefficients, coefficients.shape == (count, COEFFICIENTS), "(priors, 32) as its third one")
        require_shape(priors, priors.shape == (count, 4), "(priors, 4) as its fourth one, without a batch side")
        fits = prototypes.ndim == 3 and prototypes.shape[2] == COEFFICIENTS
        require_shape(prototypes, fits, "(height, width, 32) as its fifth one")
        chosen, confidence, class_id = best_classes(scores[:, 1:], self.threshold(parameters))
        xyxy = _boxes(offsets[chosen], priors[chosen], geometry)
        found = suppressed(xyxy, confidence, class_id, parameters, coefficients[chosen])
        planes = np.ascontiguousarray(prototypes.transpose(2, 0, 1))
        return segmented(self, found, planes, geometry, parameters, threshold=0.5, smooth=True)


def _boxes(offsets: Floats, priors: Floats, geometry: Geometry) -> Floats:
    """Corners in pixels of the network's input; all float32 (N, 4)."""
    centre = priors[:, :2] + offsets[:, :2] * _CENTRE * priors[:, 2:]
    # What overflows is found not to be finite.
    with np.errstate(over="ignore", invalid="ignore"):
        size = priors[:, 2:] * np.exp(offsets[:, 2:] * _SIZE)
    height, width = geometry.network
    boxes = corners(np.concatenate((centre, size), axis=1))
    return boxes * np.array([width, height, width, height], dtype=np.float32)
