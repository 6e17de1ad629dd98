"""``inference_config.json``: how a package's images are prepared and its outputs read.

The keys are those that the AutoModel client reads; unknown ones are ignored, as there, so that packages made for
newer clients still load. Known ones must have the right type.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from backends.errors import PackageConfigInvalid, PackageDamaged

MAX_CONFIG_BYTES = 1_000_000

ResizeMode = Literal["stretch", "letterbox", "center-crop", "letterbox-reflect-edges", "fit-longer-edge"]
ColorMode = Literal["bgr", "rgb"]
ContrastType = Literal["Adaptive Equalization", "Contrast Stretching", "Histogram Equalization"]
Positive = Annotated[int, Field(gt=0, le=16384)]
Percent = Annotated[int, Field(ge=0, le=100)]
Normalization = tuple[tuple[float, float, float], tuple[float, float, float]]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Toggle(_Section):
    """A step that is on or off."""

    enabled: bool


class StaticCrop(_Section):
    """A fixed part of every image, in percent of its width and height."""

    enabled: bool
    x_min: Percent
    x_max: Percent
    y_min: Percent
    y_max: Percent

    @model_validator(mode="after")
    def _not_empty(self) -> StaticCrop:
        if self.x_min >= self.x_max or self.y_min >= self.y_max:
            raise ValueError("the crop is empty")
        return self


class Contrast(_Section):
    """Contrast enhancement, in one of three ways."""

    enabled: bool
    type: ContrastType


class ImagePreProcessing(_Section):
    """Steps on the image before it is resized. ``auto_orient`` is kept for the record: images come upright."""

    auto_orient: Toggle | None = Field(default=None, alias="auto-orient")
    static_crop: StaticCrop | None = Field(default=None, alias="static-crop")
    contrast: Contrast | None = None
    grayscale: Toggle | None = None


class Size(_Section):
    """Height and width in pixels."""

    height: Positive
    width: Positive


class DivisiblePadding(_Section):
    """Any size that is a multiple of ``value`` on both sides."""

    type: Literal["pad-to-be-divisible"]
    value: Positive


class AnySize(_Section):
    """Any size at all."""

    type: Literal["any-size"]


class NetworkInput(_Section):
    """The image that the network wants."""

    training_input_size: Size | None = None
    dataset_version_resize_dimensions: Size | None = None
    dynamic_spatial_size_supported: bool
    dynamic_spatial_size_mode: DivisiblePadding | AnySize | None = Field(default=None, discriminator="type")
    color_mode: ColorMode
    resize_mode: ResizeMode
    padding_value: int | None = None
    input_channels: Literal[3]
    scaling_factor: Annotated[float, Field(gt=0)] | None = None
    normalization: Normalization | None = None

    @model_validator(mode="after")
    def _size_is_known(self) -> NetworkInput:
        any_size = self.dynamic_spatial_size_supported and isinstance(self.dynamic_spatial_size_mode, AnySize)
        if self.training_input_size is None and not any_size:
            raise ValueError("training_input_size may be left out only if any size is supported")
        if self.normalization is not None and not all(self.normalization[1]):
            raise ValueError("a deviation of zero cannot normalise")
        return self


class ForwardPass(_Section):
    """How many images one run takes."""

    static_batch_size: Positive | None = None
    max_dynamic_batch_size: Positive | None = None


class NmsParameters(_Section):
    """What a fused suppression was exported with. For the record: it cannot be changed any more."""

    max_detections: int
    confidence_threshold: float
    iou_threshold: float
    class_agnostic: int


class PostProcessing(_Section):
    """What is to be done with the outputs. ``fused``: the network does it itself."""

    type: Literal["nms", "softmax", "sigmoid"]
    fused: bool
    nms_parameters: NmsParameters | None = None


class ClassNameRemoval(_Section):
    """A class of the data set that the network was not trained on."""

    type: Literal["class_name_removal"]
    class_name: str


def _none_is_empty(value: Any) -> Any:
    return {} if value is None else value


class InferenceConfig(_Section):
    """The whole file."""

    image_pre_processing: Annotated[ImagePreProcessing, BeforeValidator(_none_is_empty)] = ImagePreProcessing()
    network_input: NetworkInput
    forward_pass: Annotated[ForwardPass, BeforeValidator(_none_is_empty)] = ForwardPass()
    post_processing: PostProcessing | None = None
    model_initialization: dict[str, Any] | None = None
    class_names_operations: tuple[ClassNameRemoval, ...] | None = None

    def with_resize_mode(self, mode: ResizeMode, padding_value: int) -> InferenceConfig:
        """The same with another way to resize, for families that cannot do what the file says."""
        return self._with_network_input(resize_mode=mode, padding_value=padding_value)

    def with_scaling_factor(self, factor: float) -> InferenceConfig:
        """The same with another divisor of the values, for families that scale in a way of their own."""
        return self._with_network_input(scaling_factor=factor)

    def with_fixed_size(self, height: int, width: int) -> InferenceConfig:
        """The same for a network that takes images of this size alone, whatever the file says."""
        return self._with_network_input(
            training_input_size=Size(height=height, width=width),
            dynamic_spatial_size_supported=False,
            dynamic_spatial_size_mode=None,
        )

    def _with_network_input(self, **changes: Any) -> InferenceConfig:
        return self.model_copy(update={"network_input": self.network_input.model_copy(update=changes)})


def parse_inference_config(text: str | bytes) -> InferenceConfig:
    """Reads the text of the file. Raises PackageConfigInvalid, which names the first wrong key."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise PackageConfigInvalid("inference_config.json is not valid JSON.") from None
    if not isinstance(document, dict):
        raise PackageConfigInvalid("inference_config.json must hold a JSON object.")
    try:
        return InferenceConfig.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the document"
        raise PackageConfigInvalid(f"inference_config.json, {key}: {first['msg']}.") from None


def read_inference_config(directory: Path) -> InferenceConfig:
    """Reads the file of a package. Raises PackageDamaged if it is missing, PackageConfigInvalid if it is wrong."""
    try:
        with (directory / "inference_config.json").open("rb") as file:
            text = file.read(MAX_CONFIG_BYTES + 1)
    except OSError:
        raise PackageDamaged("The package has no readable inference_config.json.") from None
    if len(text) > MAX_CONFIG_BYTES:
        raise PackageConfigInvalid("inference_config.json is too large.")
    return parse_inference_config(text)
