"""What a model family adds to a runtime: how its configuration must look and how its outputs are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import numpy.typing as npt

from backends.errors import BadText, NetworkMismatch, PackageConfigInvalid, UnsupportedPackage
from backends.inference_config import InferenceConfig, read_inference_config
from backends.package_files import read_class_names
from backends.parameters import InferenceParameters, RecommendedParameters
from backends.postprocessing.confidence import Threshold, resolve_threshold
from backends.predictions import Detections, Embeddings, KeyPoints, Prediction
from backends.preprocessing import Geometry, Preprocessor
from backends.session import Array, Session

GREY = 127

PrepareImage = Callable[[npt.NDArray[Any], InferenceParameters], tuple[npt.NDArray[np.float32], Geometry]]
"""Makes the network's input of an image, and says where the image lies in it; as `Preprocessor`."""


class Family(ABC):
    """Reads the outputs of one kind of network. One object belongs to one loaded package.

    Subclasses set the class attributes and write `postprocess`.
    """

    default_confidence: ClassVar[float] = 0.4
    """Least confidence when a request says nothing."""

    output_names: ClassVar[tuple[str, ...]] = ()
    """Names of the outputs in the order wanted, for runtimes whose files do not keep an order (TensorRT)."""

    outputs_needed: int = 1
    """How many outputs `postprocess` reads. It can depend on the package's configuration."""

    shared_outputs: ClassVar[frozenset[int]] = frozenset()
    """Numbers of the outputs that have no batch side, as they are the same for all images. Where there are any, images
    are run one by one."""

    takes_image_size: ClassVar[bool] = True
    """Whether a request may choose the network's input size, where the package is of dynamic size."""

    sized_by_network: ClassVar[bool] = False
    """Whether the fixed input size of a network goes before that of the configuration, instead of contradicting it."""

    takes_texts: ClassVar[bool] = False
    """Whether the family's packages have a network of their own for texts."""

    @classmethod
    def read(cls, directory: Path, recommended: RecommendedParameters | None = None) -> Self:
        """The family as the files of a package describe it, which were found to be there.

        Raises PackageDamaged and PackageConfigInvalid. Families whose packages have no configuration, or no class
        names, read what they have.
        """
        return cls(cls.adapt(read_inference_config(directory)), read_class_names(directory), recommended)

    @classmethod
    def check_texts(cls, texts: Collection[str]) -> None:
        """Raises BadText for texts that no package of the family takes: before anything is loaded for them."""
        if texts:
            raise BadText("This model takes no texts.")

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

    def make_preprocessor(self, session: Session) -> PrepareImage:
        """What prepares images for the package's network, which `check_session` found right."""
        return Preprocessor(self.config)

    @abstractmethod
    def postprocess(self, outputs: Sequence[Array], geometry: Geometry, parameters: InferenceParameters) -> Prediction:
        """Reads the outputs for one image, without the batch side. Raises NetworkMismatch if they do not fit."""

    def fit(self, session: Session) -> None:
        """Settles with the loaded network what the package left open, once, before an image is prepared.

        Raises what `check_session` raises.
        """
        shape = session.inputs[0].shape if session.inputs else ()
        if self.sized_by_network and len(shape) == 4:
            height, width = shape[2:]
            if height is not None and width is not None:
                self.config = self.config.with_fixed_size(height, width)
        self.check_session(session)

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

    def check_text_session(self, session: Session, images: Session) -> None:
        """As `check_session`, for the network of the texts, beside that of the ``images``."""
        raise UnsupportedPackage("This server cannot read the network for texts of this package.")

    def encode_text(self, text: str) -> Array:
        """What the network of the texts takes for one, without the batch side. Raises BadText."""
        raise BadText("This model takes no texts.")

    def postprocess_text(self, outputs: Sequence[Array]) -> Embeddings:
        """Reads the outputs for one text, without the batch side. Raises NetworkMismatch if they do not fit."""
        raise BadText("This model takes no texts.")

    def threshold(self, parameters: InferenceParameters) -> Threshold:
        """Least confidence for a request, for all classes or for each."""
        return resolve_threshold(parameters.confidence, self.default_confidence, self.class_names, self.recommended)


Found = TypeVar("Found", Detections, KeyPoints)


def keep_classes(found: Found, names: tuple[str, ...] | None) -> Found:
    """Only the boxes whose class is among ``names``, with what belongs to them; None keeps all."""
    if names is None:
        return found
    boxes = found if isinstance(found, Detections) else found.boxes
    wanted = [index for index, name in enumerate(boxes.class_names) if name in names]
    return found.select(np.flatnonzero(np.isin(boxes.class_id, wanted)))
