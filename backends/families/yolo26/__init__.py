"""YOLO26: detection, instance segmentation and key points without suppression."""

from backends.families.implementation import CONFIG, rows
from backends.families.yolo26.detection import Yolo26Detection
from backends.families.yolo26.key_points import Yolo26KeyPoints
from backends.families.yolo26.segmentation import Yolo26Segmentation
from backends.key_points_metadata import FILE

_BACKENDS = ("onnx", "torch-script", "trt")

IMPLEMENTATIONS = (
    *rows(Yolo26Detection, "object-detection", ["yolo26"], _BACKENDS),
    *rows(Yolo26Segmentation, "instance-segmentation", ["yolo26"], _BACKENDS),
    *rows(Yolo26KeyPoints, "keypoint-detection", ["yolo26"], _BACKENDS, files=(*CONFIG, FILE)),
)
