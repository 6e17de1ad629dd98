"""DeepLabV3+: semantic segmentation."""

from backends.families.deep_lab_v3_plus.semantic_segmentation import DeepLabSemanticSegmentation
from backends.families.implementation import rows

IMPLEMENTATIONS = rows(DeepLabSemanticSegmentation, "semantic-segmentation", ["deep-lab-v3-plus"], ["onnx", "trt"])
