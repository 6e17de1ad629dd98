"""Classifiers: ResNet and ViT, for one class an image or for several."""

from backends.families.classification.classifier import MultiLabelClassifier, SingleLabelClassifier
from backends.families.family import Family
from backends.families.implementation import rows

_TASKS: dict[str, type[Family]] = {
    "classification": SingleLabelClassifier,
    "multi-label-classification": MultiLabelClassifier,
}

IMPLEMENTATIONS = tuple(
    row
    for task, family in _TASKS.items()
    for architecture, backends in {"resnet": ("onnx", "torch", "trt"), "vit": ("onnx", "trt")}.items()
    for row in rows(family, task, [architecture], backends)
)
