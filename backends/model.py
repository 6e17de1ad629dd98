"""A loaded package: images in, predictions out, in stages that can be called one by one.

A batcher prepares images of several requests in their own threads, runs them together, and lets each request read its
own rows:

    prepared = [model.preprocess(image, parameters) for image in images]
    rows = model.run_prepared(prepared)
    answers = [model.postprocess(row, item, parameters) for row, item in zip(rows, prepared)]

Images with different batch keys (packages of dynamic size) cannot run together.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from backends import images
from backends.errors import BadInput, BadTensor
from backends.families.family import Family
from backends.inference_config import InferenceConfig
from backends.parameters import DEFAULTS, InferenceParameters
from backends.predictions import Embeddings, Prediction
from backends.preprocessing import Geometry
from backends.session import Array, Session, check_tensors

WARM_UP_SIDE = 640
"""Pixels of the image's side that warms up a network without a size of its own."""
WARM_UP_TEXT = "a photo"


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One image, ready for the network: float32 (3, height, width), and where the image lies in it."""

    tensor: npt.NDArray[np.float32]
    geometry: Geometry

    @property
    def batch_key(self) -> Hashable:
        """Equal for images that can share a run."""
        return self.tensor.shape


class LoadedModel:
    """A package in a runtime, on a device. All methods may be called from several threads.

    All of them raise the errors of `backends.errors`; after `close` a run raises ModelClosed.
    """

    def __init__(
        self, session: Session, family: Family, config: InferenceConfig, text_session: Session | None = None
    ) -> None:
        self._session = session
        self._text_session = text_session
        self._family = family
        self._config = config
        self._preprocessor = family.make_preprocessor(session)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes by class id."""
        return self._family.class_names

    @property
    def input_size(self) -> tuple[int, int] | None:
        """(height, width) of the network's input, None if it takes any."""
        size = self._config.network_input.training_input_size
        if size is not None:
            return size.height, size.width
        sides = self._session.inputs[0].shape[2:]
        height, width = sides if len(sides) == 2 else (None, None)
        return None if height is None or width is None else (height, width)

    @property
    def takes_texts(self) -> bool:
        """Whether the package has a network for texts."""
        return self._text_session is not None

    @property
    def static_batch(self) -> int | None:
        """How many images every run takes, if the network is fixed in this."""
        shape = self._session.inputs[0].shape
        return shape[0] if shape else None

    @property
    def batch_limit(self) -> int:
        """Most images in one run; larger batches are split. 1 means that batching gains nothing."""
        if self._family.shared_outputs:
            return 1
        return self._session.batch_policy.maximum

    @property
    def memory_estimate(self) -> int:
        """Bytes of the device's memory that the model holds, as far as is known before measuring."""
        return sum(session.memory_estimate for session in self._sessions)

    @property
    def _sessions(self) -> list[Session]:
        return [self._session, *filter(None, [self._text_session])]

    @property
    def outputs_read(self) -> tuple[str, ...]:
        """Names of the outputs that predictions are made of, in the order of `run`."""
        names = self._family.output_names or tuple(spec.name for spec in self._session.outputs)
        return names[: self._family.outputs_needed]

    def read_parameters(self, parameters: Mapping[str, Any]) -> InferenceParameters:
        """A request's parameters for encoded images, checked. Raises BadParameter."""
        # The order of channels is a question of arrays: an encoded image says itself what its colours are.
        return replace(InferenceParameters.from_mapping(parameters), input_color_format="bgr")

    def open_image(self, data: memoryview) -> images.EncodedImage:
        """An encoded image whose header was looked at; nothing is decoded yet. Raises BadImage and its kinds."""
        return images.open_image(data)

    def decode(
        self, image: images.EncodedImage, parameters: InferenceParameters, deadline: float
    ) -> npt.NDArray[np.uint8]:
        """The image as `EncodedImage.decode` gives it, which names the errors."""
        return image.decode(not parameters.pre_processing_overrides.disable_auto_orient, deadline)

    def preprocess(self, image: npt.NDArray[Any], parameters: InferenceParameters = DEFAULTS) -> Prepared:
        """Prepares one upright image, uint8 (height, width, 3) BGR. Raises BadImage."""
        if parameters.image_size is not None and not self._family.takes_image_size:
            parameters = replace(parameters, image_size=None)
        tensor, geometry = self._preprocessor(image, parameters)
        return Prepared(tensor, geometry)

    def run(self, batch: Array) -> list[Array]:
        """Runs images as one array, float32 (N, 3, height, width); outputs in the family's order, each (N, ...)."""
        shared = self._family.shared_outputs
        if not shared:
            return self._session.run(batch)
        runs = [self._session.run(batch[row : row + 1]) for row in range(len(batch))]
        return [
            np.stack(outputs) if number in shared else np.concatenate(outputs)
            for number, outputs in enumerate(zip(*runs, strict=True))
        ]

    def run_prepared(self, batch: Sequence[Prepared]) -> list[list[Array]]:
        """Runs prepared images of one batch key together; the outputs of each (without the batch side), in order."""
        tensors = [item.tensor for item in batch]
        # A batch of one is a view, not a copy.
        outputs = self.run(tensors[0][None] if len(tensors) == 1 else np.stack(tensors))
        return [[output[row] for output in outputs] for row in range(len(batch))]

    def postprocess(
        self, outputs: Sequence[Array], prepared: Prepared, parameters: InferenceParameters = DEFAULTS
    ) -> Prediction:
        """Reads one image's outputs."""
        return self._family.postprocess(outputs, prepared.geometry, parameters)

    def answer(self, outputs: Sequence[Array], prepared: Prepared, parameters: InferenceParameters) -> Any:
        """The prediction of `postprocess` as plain values for JSON; masks as the parameters ask for them."""
        return self.postprocess(outputs, prepared, parameters).to_json(parameters.mask_format)

    def infer(self, images: Sequence[npt.NDArray[Any]], parameters: InferenceParameters = DEFAULTS) -> list[Prediction]:
        """Predictions for upright images, each uint8 (height, width, 3) BGR, in their order.

        Raises BadInput if there are none, and what the stages raise.
        """
        if len(images) == 0:
            raise BadInput("At least one image is needed.")
        prepared = [self.preprocess(image, parameters) for image in images]
        return [
            self.postprocess(outputs, item, parameters)
            for group in _same_keys(prepared)
            for outputs, item in zip(self.run_prepared(group), group, strict=True)
        ]

    def check_texts(self, texts: Sequence[str]) -> None:
        """Raises BadText for texts that the model does not take."""
        self._family.check_texts(texts)

    def embed_text(self, text: str) -> Embeddings:
        """The vector of one text. Raises BadText for one that is too long, or where the model takes none."""
        tokens = self._family.encode_text(text)
        assert self._text_session is not None
        return self._family.postprocess_text([output[0] for output in self._text_session.run(tokens[None])])

    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """Runs the bare network on arrays by input name; outputs by name. Raises BadTensor for wrong arrays.

        Of two networks it is the one whose inputs the arrays are.
        """
        if self._text_session is not None:
            with suppress(BadTensor):
                check_tensors(self._text_session.inputs, tensors)
                return self._text_session.run_tensors(tensors)
        return self._session.run_tensors(tensors)

    def warm_up(self) -> None:
        """Runs an empty image once, so that the first request does not pay for what runtimes do lazily; and a text."""
        height, width = self.input_size or (WARM_UP_SIDE, WARM_UP_SIDE)
        count = self._session.batch_policy.minimum
        # As the network itself says it where it can: some have their channels last.
        known = [side for side in self._session.inputs[0].shape[1:] if side is not None]
        sides = known if len(known) == 3 else [3, height, width]
        self._session.run(np.zeros((count, *sides), dtype=np.float32))
        if self.takes_texts:
            self.embed_text(WARM_UP_TEXT)

    def close(self) -> None:
        """Unloads the networks. Later calls that run them raise ModelClosed; a second close does nothing."""
        for session in self._sessions:
            session.close()

    def __enter__(self) -> LoadedModel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _same_keys(prepared: Sequence[Prepared]) -> list[list[Prepared]]:
    """Neighbours that can share a run, in order."""
    groups: list[list[Prepared]] = []
    for item in prepared:
        if groups and groups[-1][0].batch_key == item.batch_key:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups
