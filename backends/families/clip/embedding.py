"""Embeddings by CLIP."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from backends.errors import NetworkMismatch
from backends.families.clip.images import DEVIATION, MEAN, ClipImages
from backends.families.clip.tokenizer import CONTEXT, tokenizer
from backends.families.family import Family, PrepareImage
from backends.inference_config import AnySize, ForwardPass, InferenceConfig, NetworkInput
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.predictions import Embeddings
from backends.preprocessing import Geometry
from backends.session import Array, Session

# As the reference library cuts up longer lists.
_MOST_AT_ONCE = 32
_CONFIG = InferenceConfig(
    network_input=NetworkInput(
        dynamic_spatial_size_supported=True,
        dynamic_spatial_size_mode=AnySize(type="any-size"),
        color_mode="rgb",
        resize_mode="center-crop",
        input_channels=3,
        scaling_factor=255,
        normalization=(MEAN, DEVIATION),
    ),
    forward_pass=ForwardPass(max_dynamic_batch_size=_MOST_AT_ONCE),
)


class ClipEmbedding(Family):
    """Output (dimension,): a vector of an image, or of a text, as the network gives it, not normalised.

    The size of the images is that of the network's input. Nothing beside the two networks is read.
    """

    takes_image_size = False
    takes_texts = True

    @classmethod
    def read(cls, directory: Path, recommended: RecommendedParameters | None = None) -> Self:
        # While the package is loaded: the first request shall not wait for it, and its memory counts.
        tokenizer()
        return cls(_CONFIG, (), recommended)

    @classmethod
    def check_texts(cls, texts: Collection[str]) -> None:
        for text in texts:
            tokenizer().encode(text)

    def make_preprocessor(self, session: Session) -> PrepareImage:
        side = session.inputs[0].shape[2]
        assert side is not None
        return ClipImages(side)

    def check_session(self, session: Session) -> None:
        super().check_session(session)
        _, _, height, width = session.inputs[0].shape
        if height is None or height != width:
            raise NetworkMismatch("The network of the images does not take squares of one size.")

    def check_text_session(self, session: Session, images: Session) -> None:
        shape = session.inputs[0].shape
        if len(session.inputs) != 1 or len(shape) != 2 or shape[1] not in (CONTEXT, None):
            raise NetworkMismatch(f"The network of the texts does not take one batch of {CONTEXT} tokens.")
        dimensions = {of.outputs[0].shape[-1] for of in (session, images) if of.outputs and of.outputs[0].shape}
        if len(dimensions - {None}) > 1:
            raise NetworkMismatch("The vectors of the texts are of another dimension than those of the images.")

    def encode_text(self, text: str) -> Array:
        return tokenizer().encode(text)

    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Embeddings:
        return _vector(outputs)

    def postprocess_text(self, outputs: Sequence[Array]) -> Embeddings:
        return _vector(outputs)


def _vector(outputs: Sequence[Array]) -> Embeddings:
    """The first output as one vector. Raises NetworkMismatch and OutputNotFinite."""
    if not outputs:
        raise NetworkMismatch("The network has no output.")
    vector: Array = outputs[0]
    if vector.ndim != 1 or vector.size == 0 or vector.dtype != np.float32:
        raise NetworkMismatch("The network's output is not one vector for each image or text.")
    return Embeddings(vector[None])
