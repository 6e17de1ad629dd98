"""What models answer: small, frozen, typed objects, in the coordinates of the image that was given.

Pixel coordinates have their origin in the upper left corner of the upright image (after the EXIF rotation),
x to the right and y down. All arrays belong to the object and are not to be written to.

Each has `to_json`, the neutral answer, which the dialects turn into their own: plain values for JSON, and NumPy arrays
for maps with a value for each pixel, which a dialect encodes as its clients want them. Each has `to_supervision`, its
counterpart in that library where there is one.
"""

from __future__ import annotations

from backends.predictions.classification import Classification
from backends.predictions.depth import Depth
from backends.predictions.detections import Detections, no_detections
from backends.predictions.embeddings import Embeddings
from backends.predictions.forms import ImageSize, MaskFormat
from backends.predictions.gaze import Gaze
from backends.predictions.key_points import KeyPoints
from backends.predictions.semantic_segmentation import SemanticSegmentation

Prediction = Detections | Classification | Embeddings | KeyPoints | SemanticSegmentation | Depth | Gaze

__all__ = [
    "Classification",
    "Depth",
    "Detections",
    "Embeddings",
    "Gaze",
    "ImageSize",
    "KeyPoints",
    "MaskFormat",
    "Prediction",
    "SemanticSegmentation",
    "no_detections",
]
