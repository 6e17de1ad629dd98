"""YOLOv7: instance segmentation, with a column of objectness before the classes."""

from backends.families.implementation import rows
from backends.families.yolov7.segmentation import YoloV7Segmentation

IMPLEMENTATIONS = rows(YoloV7Segmentation, "instance-segmentation", ["yolov7"], ["onnx"])
