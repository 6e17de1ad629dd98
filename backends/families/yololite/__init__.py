"""YOLO-lite: detection, with suppression inside the network or without."""

from backends.families.implementation import rows
from backends.families.yololite.detection import YoloLiteDetection

IMPLEMENTATIONS = rows(
    YoloLiteDetection,
    "object-detection",
    ["yololite"],
    ["onnx"],
    features={"onnx": frozenset({"nms_fused"})},
)
