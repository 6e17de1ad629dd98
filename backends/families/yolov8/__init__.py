"""YOLOv8 and the networks with the same outputs: v9, v11 and v12 detection, v11 instance segmentation."""

from backends.families.implementation import Implementation
from backends.families.yolov8.detection import YoloV8Detection
from backends.families.yolov8.segmentation import YoloV8Segmentation
from backends.onnx import OnnxSession
from backends.tensorrt import TensorRtSession
from backends.torchscript import TorchScriptSession

_CONFIG = ("class_names.txt", "inference_config.json")
_FUSED = frozenset({"nms_fused"})
_DETECTORS = ("yolov8", "yolov9", "yolov11", "yolov12")
_SEGMENTERS = ("yolov8", "yolov11")

IMPLEMENTATIONS = tuple(
    implementation
    for architectures, task, family in (
        (_DETECTORS, "object-detection", YoloV8Detection),
        (_SEGMENTERS, "instance-segmentation", YoloV8Segmentation),
    )
    for architecture in architectures
    for implementation in (
        Implementation(architecture, task, "onnx", family, OnnxSession, "weights.onnx", _CONFIG, _FUSED),
        Implementation(
            architecture, task, "torch-script", family, TorchScriptSession, "weights.torchscript", _CONFIG, _FUSED
        ),
        Implementation(
            architecture, task, "trt", family, TensorRtSession, "engine.plan", (*_CONFIG, "trt_config.json")
        ),
    )
)
