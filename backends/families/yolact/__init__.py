"""YOLACT: instance segmentation."""

from backends.families.implementation import rows
from backends.families.yolact.segmentation import YolactSegmentation

IMPLEMENTATIONS = rows(YolactSegmentation, "instance-segmentation", ["yolact"], ["onnx", "trt"])
