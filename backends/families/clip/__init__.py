"""CLIP: vectors of images and of texts in one space, by two networks."""

from backends.families.clip.embedding import ClipEmbedding
from backends.families.implementation import rows

IMPLEMENTATIONS = rows(
    ClipEmbedding, "embedding", ["clip"], ["onnx"], weights="visual.onnx", text_weights="textual.onnx", files=()
)
