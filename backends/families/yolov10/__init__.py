"""YOLOv10: detection without suppression."""

from backends.families.implementation import Implementation
from backends.families.yolov10.detection import YoloV10Detection
from backends.onnx import OnnxSession
from backends.tensorrt import TensorRtSession

_CONFIG = ("class_names.txt", "inference_config.json")

IMPLEMENTATIONS = (
    Implementation("yolov10", "object-detection", "onnx", YoloV10Detection, OnnxSession, "weights.onnx", _CONFIG),
    Implementation(
        "yolov10",
        "object-detection",
        "trt",
        YoloV10Detection,
        TensorRtSession,
        "engine.plan",
        (*_CONFIG, "trt_config.json"),
    ),
)
