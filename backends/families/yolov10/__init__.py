"""YOLOv10: detection without suppression."""

from backends.families.implementation import rows
from backends.families.yolov10.detection import YoloV10Detection

IMPLEMENTATIONS = rows(YoloV10Detection, "object-detection", ["yolov10"], ["onnx", "trt"])
