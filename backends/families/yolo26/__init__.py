"""YOLO26: detection and instance segmentation without suppression."""

from backends.families.implementation import rows
from backends.families.yolo26.detection import Yolo26Detection
from backends.families.yolo26.segmentation import Yolo26Segmentation

_BACKENDS = ("onnx", "torch-script", "trt")

IMPLEMENTATIONS = (
    *rows(Yolo26Detection, "object-detection", ["yolo26"], _BACKENDS),
    *rows(Yolo26Segmentation, "instance-segmentation", ["yolo26"], _BACKENDS),
)
