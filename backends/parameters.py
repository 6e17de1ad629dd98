"""The parameters of one request, and how they are read from the strings of a query or a form."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from backends.errors import BadParameter

ColorFormat = Literal["bgr", "rgb"]
Confidence = float | Literal["default", "best"]


@dataclass(frozen=True, slots=True)
class PreProcessingOverrides:
    """Steps of the package's pre-processing to leave out for one request."""

    disable_static_crop: bool = False
    disable_contrast_enhancement: bool = False
    disable_grayscale: bool = False
    disable_auto_orient: bool = False

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> PreProcessingOverrides:
        """Reads a JSON object of booleans. Raises BadParameter for unknown names and other values."""
        known = {item.name for item in fields(cls)}
        _refuse_unknown(values, known, "pre_processing_overrides")
        return cls(**{name: _boolean(name, value) for name, value in values.items() if value is not None})


@dataclass(frozen=True, slots=True)
class RecommendedParameters:
    """What a model's evaluation recommends, used for ``confidence="best"``."""

    confidence: float | None = None
    per_class_confidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InferenceParameters:
    """One request's wishes; the defaults are those of the reference library.

    ``confidence``: least confidence, 0 to 1; "default" takes the family's own (0.4, YOLO26 0.25); "best" the model's
    recommendation for each class. ``iou_threshold``: boxes of one class that overlap more are suppressed.
    ``class_filter``: names to keep, None for all. ``mask_format``: the form of masks on the wire.
    ``masks_resolution_factor``: 1 gives masks as large as the image, 0 as the network made them.
    ``key_points_threshold``: key points less sure than that, 0 to 1, are hidden; None takes the family's own (YOLOv8 0,
    YOLO26 and RF-DETR 0.3).
    ``image_size``: (width, height), in the client's order, that the network should see; for packages of dynamic size.
    ``input_color_format``: order of the channels of arrays given directly; decoded images are BGR.
    """

    confidence: Confidence = "default"
    iou_threshold: float = 0.3
    max_detections: int = 300
    class_agnostic_nms: bool = False
    class_filter: tuple[str, ...] | None = None
    mask_format: Literal["polygon", "rle"] = "polygon"
    masks_smoothing_enabled: bool = True
    masks_binarization_threshold: float = 0.5
    masks_resolution_factor: float = 1.0
    key_points_threshold: float | None = None
    image_size: tuple[int, int] | None = None
    input_color_format: ColorFormat = "bgr"
    pre_processing_overrides: PreProcessingOverrides = PreProcessingOverrides()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> InferenceParameters:
        """Reads query fields, form fields or a JSON object.

        Values may be strings ("0.5", "true", a JSON text) or the JSON types themselves; None and empty strings mean
        the default. Raises BadParameter, which names the parameter, for unknown names, wrong types and values out
        of range.
        """
        _refuse_unknown(values, _READERS, None)
        return cls(
            **{name: _READERS[name](name, value) for name, value in values.items() if value is not None and value != ""}
        )

    def to_mapping(self) -> dict[str, Any]:
        """What `from_mapping` reads as these parameters, in JSON's types. Defaults are left out."""
        changed = {name: getattr(self, name) for name in _READERS if getattr(self, name) != getattr(DEFAULTS, name)}
        if "pre_processing_overrides" in changed:
            changed["pre_processing_overrides"] = asdict(self.pre_processing_overrides)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}


DEFAULTS = InferenceParameters()
"""What a request means that says nothing."""


def _refuse_unknown(values: Mapping[str, Any], known: Collection[str], of: str | None) -> None:
    unknown = sorted(set(values) - set(known))
    if unknown:
        where = f" in {of}" if of else ""
        shown = ", ".join(str(name)[:40] for name in unknown[:5])
        raise BadParameter(f"Unknown parameter{where}: {shown}. Known: {', '.join(sorted(known))}.")


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise BadParameter(f"{name} must be a number.")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise BadParameter(f"{name} must be a number.") from None
    if not math.isfinite(number):
        raise BadParameter(f"{name} must be a finite number.")
    return number


def _fraction(name: str, value: Any) -> float:
    number = _number(name, value)
    if not 0 <= number <= 1:
        raise BadParameter(f"{name} must be between 0 and 1.")
    return number


def _not_negative(name: str, value: Any) -> float:
    number = _number(name, value)
    if number < 0:
        raise BadParameter(f"{name} must not be negative.")
    return number


def _integer(name: str, value: Any, least: int, most: int) -> int:
    number = _number(name, value)
    if number != int(number) or not least <= number <= most:
        raise BadParameter(f"{name} must be a whole number between {least} and {most}.")
    return int(number)


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "1", "yes", "on"}:
        return True
    if isinstance(value, str) and value.lower() in {"false", "0", "no", "off"}:
        return False
    raise BadParameter(f"{name} must be true or false.")


def _confidence(name: str, value: Any) -> Confidence:
    if value == "default":
        return "default"
    if value == "best":
        return "best"
    try:
        return _fraction(name, value)
    except BadParameter:
        raise BadParameter(f'{name} must be a number between 0 and 1, "best" or "default".') from None


def _json(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise BadParameter(f"{name} must be valid JSON.") from None


def _class_filter(name: str, value: Any) -> tuple[str, ...]:
    """A list of names, a JSON array of names, or names with commas between."""
    if isinstance(value, str):
        names = _json(name, value) if value.lstrip().startswith("[") else value.split(",")
    else:
        names = value
    if not isinstance(names, list | tuple) or not all(isinstance(item, str) for item in names):
        raise BadParameter(f"{name} must be a list of class names.")
    return tuple(item.strip() for item in names)


def _mask_format(name: str, value: Any) -> str:
    if value not in ("polygon", "rle"):
        raise BadParameter(f'{name} must be "polygon" or "rle".')
    return str(value)


def _color_format(name: str, value: Any) -> str:
    if value not in ("bgr", "rgb"):
        raise BadParameter(f'{name} must be "bgr" or "rgb".')
    return str(value)


def _image_size(name: str, value: Any) -> tuple[int, int]:
    size = _json(name, value)
    if isinstance(size, int) and not isinstance(size, bool):
        size = [size, size]
    if not isinstance(size, list | tuple) or len(size) != 2:
        raise BadParameter(f"{name} must be one whole number or [width, height].")
    width, height = (_integer(name, side, 1, 16384) for side in size)
    return width, height


def _overrides(name: str, value: Any) -> PreProcessingOverrides:
    if isinstance(value, PreProcessingOverrides):
        return value
    overrides = _json(name, value)
    if not isinstance(overrides, dict):
        raise BadParameter(f"{name} must be a JSON object.")
    return PreProcessingOverrides.from_mapping(overrides)


_READERS: Mapping[str, Any] = {
    "confidence": _confidence,
    "iou_threshold": _fraction,
    "max_detections": lambda name, value: _integer(name, value, 1, 100_000),
    "class_agnostic_nms": _boolean,
    "class_filter": _class_filter,
    "mask_format": _mask_format,
    "masks_smoothing_enabled": _boolean,
    "masks_binarization_threshold": _not_negative,
    "masks_resolution_factor": _fraction,
    "key_points_threshold": _fraction,
    "image_size": _image_size,
    "input_color_format": _color_format,
    "pre_processing_overrides": _overrides,
}
