"""What a model family adds to a runtime: how its configuration must look and how its outputs are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from backends.errors import NetworkMismatch, PackageConfigInvalid, UnsupportedPackage
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.confidence import Threshold, resolve_threshold
from backends.predictions import Detections, Prediction
from backends.preprocessing import Geometry
from backends.session import Array, Session

GREY = 127


class Family(ABC):
    """Reads the outputs of one kind of network. One object belongs to one loaded package.

    Subclasses set the class attributes and write `postprocess`.
    """

    default_confidence: ClassVar[float] = 0.4
    """Least confidence when a request says nothing."""

    output_names: ClassVar[tuple[str, ...]] = ()
    """Names of the outputs in the order wanted, for runtimes whose files do not keep an order (TensorRT)."""

    outputs_needed: ClassVar[int] = 1
    """How many outputs `postprocess` reads."""

    takes_image_size: ClassVar[bool] = True
    """Whether a request may choose the network's input size, where the package is of dynamic size."""

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        """Checks a package's configuration, and replaces what the family does otherwise.

        Raises PackageConfigInvalid if the family cannot work with it. This one pads where the image should keep its
        shape without padding (fit-longer-edge): networks exported with a fixed input cannot do that.
        """
        if config.network_input.resize_mode == "fit-longer-edge":
            return config.with_resize_mode("letterbox", GREY)
        return config

    def __init__(
        self,
        config: InferenceConfig,
        class_names: tuple[str, ...],
        recommended: RecommendedParameters | None = None,
    ) -> None:
        self.config = config
        self.class_names = class_names
        self.recommended = recommended

    def build_module(self) -> Any:
        """The network as a ``torch.nn.Module`` on the CPU, its weights yet to be loaded; for the Torch backend.

        Raises RuntimeMissing if a library is not installed, PackageConfigInvalid if the package does not say which
        network it is. Families whose packages bring the network along have none to build.
        """
        raise UnsupportedPackage("This server cannot build the network for the weights of this package.")

    @abstractmethod
    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Prediction:
        """Reads the outputs for one image, without the batch side. Raises NetworkMismatch if they do not fit."""

    def check_session(self, session: Session) -> None:
        """Raises NetworkMismatch if the network cannot be what the package says, before any request finds out."""
        if len(session.outputs) < self.outputs_needed:
            raise NetworkMismatch("The network has fewer outputs than its family needs.")
        shape = session.inputs[0].shape
        if len(session.inputs) != 1 or len(shape) != 4 or shape[1] not in (3, None):
            raise NetworkMismatch("The network does not take one batch of three-channel images.")
        size = self.config.network_input.training_input_size
        if size is None:
            return
        for given, wanted, side in ((shape[2], size.height, "height"), (shape[3], size.width, "width")):
            if given is not None and given != wanted:
                raise PackageConfigInvalid(
                    f"inference_config.json says that the input's {side} is {wanted}, the network says {given}."
                )

    def threshold(self, parameters: InferenceParameters) -> Threshold:
        """Least confidence for a request, for all classes or for each."""
        return resolve_threshold(parameters.confidence, self.default_confidence, self.class_names, self.recommended)


def keep_classes(detections: Detections, names: tuple[str, ...] | None) -> Detections:
    """Only the detections whose class is among ``names``; None keeps all."""
    if names is None:
        return detections
    wanted = [index for index, name in enumerate(detections.class_names) if name in names]
    return detections.select(np.flatnonzero(np.isin(detections.class_id, wanted)))
