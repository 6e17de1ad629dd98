"""Classifiers: ResNet and ViT, for one class an image or for several."""

from backends.families.classification.classifier import MultiLabelClassifier, SingleLabelClassifier
from backends.families.implementation import Implementation
from backends.onnx import OnnxSession
from backends.tensorrt import TensorRtSession
from backends.torch import TorchSession

_CONFIG = ("class_names.txt", "inference_config.json")
_TASKS = (("classification", SingleLabelClassifier), ("multi-label-classification", MultiLabelClassifier))

IMPLEMENTATIONS = tuple(
    implementation
    for task, family in _TASKS
    for implementation in (
        Implementation("resnet", task, "onnx", family, OnnxSession, "weights.onnx", _CONFIG),
        Implementation("resnet", task, "torch", family, TorchSession, "weights.pth", _CONFIG),
        Implementation("resnet", task, "trt", family, TensorRtSession, "engine.plan", (*_CONFIG, "trt_config.json")),
        Implementation("vit", task, "onnx", family, OnnxSession, "weights.onnx", _CONFIG),
        Implementation("vit", task, "trt", family, TensorRtSession, "engine.plan", (*_CONFIG, "trt_config.json")),
    )
)
