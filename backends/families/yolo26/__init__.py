"""YOLO26: detection and instance segmentation without suppression."""

from backends.families.implementation import Implementation
from backends.families.yolo26.detection import Yolo26Detection
from backends.families.yolo26.segmentation import Yolo26Segmentation
from backends.onnx import OnnxSession
from backends.tensorrt import TensorRtSession
from backends.torchscript import TorchScriptSession

_CONFIG = ("class_names.txt", "inference_config.json")

IMPLEMENTATIONS = tuple(
    implementation
    for task, family in (
        ("object-detection", Yolo26Detection),
        ("instance-segmentation", Yolo26Segmentation),
    )
    for implementation in (
        Implementation("yolo26", task, "onnx", family, OnnxSession, "weights.onnx", _CONFIG),
        Implementation("yolo26", task, "torch-script", family, TorchScriptSession, "weights.torchscript", _CONFIG),
        Implementation("yolo26", task, "trt", family, TensorRtSession, "engine.plan", (*_CONFIG, "trt_config.json")),
    )
)
