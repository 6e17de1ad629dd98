"""RF-DETR: detection, instance segmentation and key points by queries, without suppression; semantic segmentation."""

from backends.families.implementation import CONFIG, rows
from backends.families.rfdetr.detection import RfDetrDetection
from backends.families.rfdetr.key_points import RfDetrKeyPoints
from backends.families.rfdetr.segmentation import RfDetrSegmentation
from backends.families.rfdetr.semantic_segmentation import RfDetrSemanticSegmentation
from backends.key_points_metadata import FILE

_BACKENDS = ("onnx", "trt")
# What packages say of their network in these does not change how it is read: the file itself decides.
_FEATURES = {
    backend: frozenset({"resolution", "patch_size", "num_windows", "dec_layers", "num_queries", "num_select"})
    for backend in _BACKENDS
}

IMPLEMENTATIONS = (
    *rows(RfDetrDetection, "object-detection", ["rfdetr"], _BACKENDS, features=_FEATURES),
    *rows(RfDetrSegmentation, "instance-segmentation", ["rfdetr"], _BACKENDS, features=_FEATURES),
    *rows(RfDetrKeyPoints, "keypoint-detection", ["rfdetr"], _BACKENDS, files=(*CONFIG, FILE), features=_FEATURES),
    *rows(RfDetrSemanticSegmentation, "semantic-segmentation", ["rfdetr"], _BACKENDS, features=_FEATURES),
)
