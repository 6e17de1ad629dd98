"""RF-DETR: detection and instance segmentation by queries, without suppression, and semantic segmentation."""

from backends.families.implementation import rows
from backends.families.rfdetr.detection import RfDetrDetection
from backends.families.rfdetr.segmentation import RfDetrSegmentation
from backends.families.rfdetr.semantic_segmentation import RfDetrSemanticSegmentation

_BACKENDS = ("onnx", "trt")
# What packages say of their network in these does not change how it is read: the file itself decides.
_FEATURES = {
    backend: frozenset({"resolution", "patch_size", "num_windows", "dec_layers", "num_queries", "num_select"})
    for backend in _BACKENDS
}

IMPLEMENTATIONS = (
    *rows(RfDetrDetection, "object-detection", ["rfdetr"], _BACKENDS, features=_FEATURES),
    *rows(RfDetrSegmentation, "instance-segmentation", ["rfdetr"], _BACKENDS, features=_FEATURES),
    *rows(RfDetrSemanticSegmentation, "semantic-segmentation", ["rfdetr"], _BACKENDS, features=_FEATURES),
)
