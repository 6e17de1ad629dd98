"""YOLOv8 and the networks with the same outputs: v9, v11 and v12 detection, v11 masks, key points and classes."""

from backends.families.implementation import CONFIG, rows
from backends.families.yolov8.classification import YoloV8Classification
from backends.families.yolov8.detection import YoloV8Detection
from backends.families.yolov8.key_points import YoloV8KeyPoints
from backends.families.yolov8.segmentation import YoloV8Segmentation
from backends.key_points_metadata import FILE

_BACKENDS = ("onnx", "torch-script", "trt")
_FEATURES = {backend: frozenset({"nms_fused"}) for backend in ("onnx", "torch-script")}

IMPLEMENTATIONS = (
    *rows(
        YoloV8Detection,
        "object-detection",
        ("yolov8", "yolov9", "yolov11", "yolov12"),
        _BACKENDS,
        features=_FEATURES,
    ),
    *rows(YoloV8Segmentation, "instance-segmentation", ("yolov8", "yolov11"), _BACKENDS, features=_FEATURES),
    *rows(
        YoloV8KeyPoints,
        "keypoint-detection",
        ("yolov8", "yolov11"),
        _BACKENDS,
        files=(*CONFIG, FILE),
        features=_FEATURES,
    ),
    *rows(YoloV8Classification, "classification", ("yolov8", "yolov11"), ["onnx"]),
)
