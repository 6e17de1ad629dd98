"""A loaded package: pictures in, predictions out, in three stages that can be called one by one.

A batcher prepares pictures of several requests in their own threads, runs them together, and lets each request read
its own rows:

    prepared = [model.preprocess(image, parameters) for image in images]
    outputs = model.run(np.stack([item.tensor for item in prepared]))
    answers = [model.postprocess([output[row] for output in outputs], item, parameters)
               for row, item in enumerate(prepared)]

Pictures whose tensors have different shapes (packages of dynamic size) cannot run together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.errors import BadInput
from backends.families.family import Family
from backends.inference_config import InferenceConfig
from backends.parameters import DEFAULTS, InferenceParameters
from backends.predictions import Prediction
from backends.preprocessing import Geometry, Preprocessor
from backends.session import Array, Session, TensorSpec

WARM_UP_SIDE = 640
"""Pixels of the picture's side that warms up a network without a size of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One picture, ready for the network: float32 (3, height, width), and where the picture lies in it."""

    tensor: npt.NDArray[np.float32]
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class TensorMetadata:
    """Inputs and outputs of the network itself, for protocols that speak in tensors."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class LoadedModel:
    """A package in a runtime, on a device. All methods may be called from several threads.

    All of them raise the errors of `backends.errors`; after `close` a run raises ModelClosed.
    """

    def __init__(self, session: Session, family: Family, config: InferenceConfig) -> None:
        self._session = session
        self._family = family
        self._config = config
        self._preprocessor = Preprocessor(config)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes by class id."""
        return self._family.class_names

    @property
    def input_size(self) -> tuple[int, int] | None:
        """(height, width) of the network's input, None if it takes any."""
        size = self._config.network_input.training_input_size
        return None if size is None else (size.height, size.width)

    @property
    def batch_limit(self) -> int:
        """Most pictures in one run; larger batches are split. 1 means that batching gains nothing."""
        return self._session.batch_policy.maximum

    @property
    def memory_estimate(self) -> int:
        """Bytes of the device's memory that the model holds, as far as is known before measuring."""
        return self._session.memory_estimate

    @property
    def tensor_metadata(self) -> TensorMetadata:
        """Names, types and shapes of the network's inputs and outputs."""
        return TensorMetadata(self._session.inputs, self._session.outputs)

    @property
    def outputs_read(self) -> tuple[str, ...]:
        """Names of the outputs that predictions are made of, in the order of `run`."""
        names = self._family.output_names or tuple(spec.name for spec in self._session.outputs)
        return names[: self._family.outputs_needed]

    def preprocess(self, image: npt.NDArray[Any], parameters: InferenceParameters = DEFAULTS) -> Prepared:
        """Prepares one upright picture, uint8 (height, width, 3) BGR. Raises BadImage."""
        if parameters.image_size is not None and not self._family.takes_image_size:
            parameters = replace(parameters, image_size=None)
        tensor, geometry = self._preprocessor(image, parameters)
        return Prepared(tensor, geometry)

    def run(self, batch: Array) -> list[Array]:
        """Runs prepared pictures, float32 (N, 3, height, width); outputs in the family's order, each (N, ...)."""
        return self._session.run(batch)

    def postprocess(
        self, outputs: Sequence[Array], prepared: Prepared, parameters: InferenceParameters = DEFAULTS
    ) -> Prediction:
        """Reads one picture's rows of the outputs (without the batch side)."""
        return self._family.postprocess(outputs, prepared.geometry, parameters)

    def infer(self, images: Sequence[npt.NDArray[Any]], parameters: InferenceParameters = DEFAULTS) -> list[Prediction]:
        """Predictions for upright pictures, each uint8 (height, width, 3) BGR, in their order.

        Raises BadInput if there are none, and what the stages raise.
        """
        if len(images) == 0:
            raise BadInput("At least one image is needed.")
        prepared = [self.preprocess(image, parameters) for image in images]
        answers: list[Prediction] = []
        for group in _same_shapes(prepared):
            batch = group[0].tensor[None] if len(group) == 1 else np.stack([item.tensor for item in group])
            outputs = self.run(batch)
            answers += [
                self.postprocess([output[row] for output in outputs], item, parameters)
                for row, item in enumerate(group)
            ]
        return answers

    def run_tensors(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """Runs the bare network on arrays by input name; outputs by name. Raises BadTensor for wrong arrays."""
        return self._session.run_tensors(tensors)

    def warm_up(self) -> None:
        """Runs an empty picture once, so that the first request does not pay for what runtimes do lazily."""
        height, width = self.input_size or (WARM_UP_SIDE, WARM_UP_SIDE)
        count = self._session.batch_policy.minimum
        self._session.run(np.zeros((count, 3, height, width), dtype=np.float32))

    def close(self) -> None:
        """Unloads the network. Later calls that run it raise ModelClosed; a second close does nothing."""
        self._session.close()

    def __enter__(self) -> LoadedModel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _same_shapes(prepared: Sequence[Prepared]) -> list[list[Prepared]]:
    """Neighbours that can share a run, in order."""
    groups: list[list[Prepared]] = []
    for item in prepared:
        if groups and groups[-1][0].tensor.shape == item.tensor.shape:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups
