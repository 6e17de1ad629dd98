"""Real packages in the shape that the host works with."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from backends import images
from backends.host.errors import ProtocolError
from backends.host.models.hosted import PreparedPackage, Tensor
from backends.host.models.preparing import Preparer
from backends.host.reference import PackageReference
from backends.host.settings import HostSettings
from backends.model import LoadedModel, Prepared
from backends.onnx import arena
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.registry import implementations, load_package
from backends.session import SessionOptions
from backends.trial.fork_server import ForkServer


class PackageLoader:
    """Loads packages, in two steps. As a `Loader`."""

    def __init__(self, settings: HostSettings) -> None:
        """Begins what prepares packages, and does once what libraries do at their first use.

        That counts as the empty host then, and delays no request.
        """
        implementations()
        self._preparer = Preparer(settings, ForkServer())
        # Requests run beside each other already; threads within OpenCV would only compete with them.
        cv2.setNumThreads(0)
        image = np.zeros((64, 64, 3), dtype=np.uint8)
        for suffix in (".jpg", ".png"):
            images.decode(cv2.imencode(suffix, image)[1].tobytes())
        if "onnxruntime" in sys.modules:
            arena.shrink(sys.modules["onnxruntime"])

    def prepared(self, reference: PackageReference, memory: int) -> AbstractContextManager[PreparedPackage]:
        return self._preparer.prepared(reference, memory)

    def open(
        self, reference: PackageReference, prepared: PreparedPackage, *, device: str, threads: Sequence[int]
    ) -> list[PackageModel]:
        models: list[PackageModel] = []
        try:
            for count in threads:
                model = load_package(
                    reference.directory,
                    architecture=reference.architecture,
                    task=reference.task,
                    backend=reference.backend,
                    features=reference.feature_names,
                    options=SessionOptions(device=device, providers=_providers(reference.options), threads=count),
                    recommended=RecommendedParameters(**reference.recommended) if reference.recommended else None,
                    prepared=prepared.folder,
                )
                models.append(PackageModel(model))
        except BaseException:
            for loaded in models:
                loaded.close()
            raise
        return models


class PackageModel:
    """A loaded package as a HostedModel."""

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        shape = model.tensor_metadata.inputs[0].shape
        self.static_batch = shape[0] if shape else None

    @property
    def class_names(self) -> Sequence[str]:
        return self._model.class_names

    @property
    def input_size(self) -> tuple[int, int] | None:
        return self._model.input_size

    @property
    def batch_limit(self) -> int | None:
        return self._model.batch_limit

    def read_parameters(self, parameters: Mapping[str, Any]) -> InferenceParameters:
        # The order of channels is a question of arrays: an encoded picture says itself what its colours are.
        return replace(InferenceParameters.from_mapping(parameters), input_color_format="bgr")

    def open_picture(self, data: memoryview) -> images.EncodedImage:
        return images.open_image(data)

    def decode(self, picture: images.EncodedImage, parameters: InferenceParameters, deadline: float) -> Any:
        return picture.decode(not parameters.pre_processing_overrides.disable_auto_orient, deadline)

    def preprocess(self, image: Any, parameters: InferenceParameters) -> Prepared:
        return self._model.preprocess(image, parameters)

    def batch_key(self, prepared: Prepared) -> Hashable:
        return prepared.tensor.shape

    def run(self, batch: Sequence[Prepared]) -> list[list[Tensor]]:
        tensors = [item.tensor for item in batch]
        # A batch of one is a view, not a copy.
        outputs = self._model.run(tensors[0][None] if len(tensors) == 1 else np.stack(tensors))
        return [[output[row] for output in outputs] for row in range(len(batch))]

    def postprocess(self, raw: list[Tensor], prepared: Prepared, parameters: InferenceParameters) -> Any:
        return self._model.postprocess(raw, prepared, parameters).to_json(parameters.mask_format)

    def run_tensors(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return self._model.run_tensors(tensors)

    def warm_up(self) -> None:
        self._model.warm_up()

    def close(self) -> None:
        self._model.close()


def _providers(options: Mapping[str, Any]) -> tuple[str | tuple[str, Mapping[str, Any]], ...] | None:
    providers = options.get("providers")
    if not providers:
        return None
    try:
        return tuple(item if isinstance(item, str) else (str(item[0]), dict(item[1])) for item in providers)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ProtocolError("The execution providers are neither names nor pairs of name and options.") from error
