"""YOLO26: detection, instance segmentation and key points without suppression, and maps of classes and distances."""

from backends.families.implementation import CONFIG, rows
from backends.families.yolo26.depth import Yolo26Depth
from backends.families.yolo26.detection import Yolo26Detection
from backends.families.yolo26.key_points import Yolo26KeyPoints
from backends.families.yolo26.segmentation import Yolo26Segmentation
from backends.families.yolo26.semantic_segmentation import Yolo26SemanticSegmentation
from backends.key_points_metadata import FILE

_BACKENDS = ("onnx", "torch-script", "trt")

IMPLEMENTATIONS = (
    *rows(Yolo26Detection, "object-detection", ["yolo26"], _BACKENDS),
    *rows(Yolo26Segmentation, "instance-segmentation", ["yolo26"], _BACKENDS),
    *rows(Yolo26KeyPoints, "keypoint-detection", ["yolo26"], _BACKENDS, files=(*CONFIG, FILE)),
    *rows(Yolo26SemanticSegmentation, "semantic-segmentation", ["yolo26"], _BACKENDS),
    *rows(Yolo26Depth, "depth-estimation", ["yolo26"], _BACKENDS, files=("inference_config.json",)),
)
