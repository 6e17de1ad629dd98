"""YOLOv5: detection and instance segmentation, with a column of objectness before the classes."""

from backends.families.implementation import rows
from backends.families.yolov5.detection import YoloV5Detection
from backends.families.yolov5.segmentation import YoloV5Segmentation

IMPLEMENTATIONS = (
    *rows(YoloV5Detection, "object-detection", ["yolov5"], ["onnx"]),
    *rows(YoloV5Segmentation, "instance-segmentation", ["yolov5"], ["onnx"]),
)
