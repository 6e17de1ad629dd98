"""YOLO-NAS: detection."""

from backends.families.implementation import rows
from backends.families.yolonas.detection import YoloNasDetection

IMPLEMENTATIONS = rows(YoloNasDetection, "object-detection", ["yolonas"], ["onnx", "trt"])
