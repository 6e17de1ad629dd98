"""What a caller asks for: the client's ``from_pretrained`` arguments that bear on the choice."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from negotiation.errors import InvalidParameterError, InvalidRequestError


@dataclass(frozen=True, slots=True)
class NegotiationRequest:
    """A caller's arguments; the defaults are the client's own, save that no device is assumed.

    ``backend``, ``quantization``: a name or a tuple of names. ``batch_size``: a size or an ascending pair.
    ``device``: a Torch device such as ``cuda:0``; None leaves the device open. ``onnx_execution_providers``:
    names, or pairs of a name and its options. ``nms_fusion_preferences``: a switch, or a mapping from
    ``max_detections``, ``confidence_threshold``, ``iou_threshold`` (a number or a pair of bounds) and
    ``class_agnostic``.

    The values of ``backend``, ``batch_size``, ``quantization``, ``device``, ``nms_fusion_preferences`` and
    ``required_capabilities`` are judged by negotiation, in the client's order, not here.
    """

    model_package_id: str | None = None
    backend: str | tuple[str, ...] | None = None
    batch_size: int | tuple[int, int] | None = None
    quantization: str | tuple[str, ...] | None = None
    device: str | None = None
    onnx_execution_providers: tuple[str | tuple[str, Mapping[str, Any]], ...] | None = None
    default_onnx_trt_options: bool = True
    allow_untrusted_packages: bool = False
    trt_engine_host_code_allowed: bool = True
    nms_fusion_preferences: bool | Mapping[str, Any] | None = None
    required_capabilities: tuple[str, ...] | None = None
    disabled_backends: tuple[str, ...] | None = None
    max_package_loading_attempts: int | None = None

    @classmethod
    def from_json(cls, document: Any) -> NegotiationRequest:
        """Read a JSON object of arguments. A missing key or null means "not given"; lists are tuples.

        Raises ``InvalidRequestError`` on an unknown argument, or a value of a kind that the argument can
        never take.
        """
        if not isinstance(document, Mapping):
            raise InvalidRequestError("A negotiation request is a JSON object of arguments.")
        for name in document:
            if name not in _ARGUMENTS:
                raise InvalidRequestError(_unknown_argument_message(name))
        given = {name: _tuples(value) for name, value in document.items() if value is not None}
        for name, (kind, expected) in _KINDS.items():
            if name in given and type(given[name]) is not kind:
                raise InvalidRequestError(f"The argument {name} must be {expected}.")
        for name in _LISTS_OF_TEXT:
            if name in given and not all(isinstance(item, str) for item in given[name]):
                raise InvalidRequestError(f"The argument {name} must be a list of names.")
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """The request as a JSON object with every argument, null for "not given"."""
        return {name: _lists(getattr(self, name)) for name in _ARGUMENTS}


@dataclass(frozen=True, slots=True)
class Device:
    """A Torch device: its type and, where given, its index."""

    type: str
    index: int | None = None


TORCH_DEVICE_TYPES = frozenset(
    [
        "cpu",
        "cuda",
        "ipu",
        "xpu",
        "mkldnn",
        "opengl",
        "opencl",
        "ideep",
        "hip",
        "ve",
        "fpga",
        "maia",
        "xla",
        "lazy",
        "vulkan",
        "mps",
        "meta",
        "hpu",
        "mtia",
        "privateuseone",
    ]
)
LARGEST_DEVICE_INDEX = 127
"""Torch keeps an index in a signed byte and wraps larger ones around silently; they are refused here."""

_DEVICE = re.compile(r"([A-Za-z_]+)(?::(0|[1-9][0-9]*))?")


@lru_cache(maxsize=256)
def parse_device(text: str) -> Device:
    """The device that ``text`` names, by the grammar of ``torch.device``.

    Raises ``InvalidParameterError``.
    """
    match = _DEVICE.fullmatch(text) if isinstance(text, str) else None
    if match is not None and match[1] in TORCH_DEVICE_TYPES:
        index = None if match[2] is None else int(match[2][:4])
        if index is None or index <= LARGEST_DEVICE_INDEX:
            return Device(match[1], index)
    raise InvalidParameterError("The device is not valid: pass a Torch device such as cpu, cuda or cuda:0.")


_ARGUMENTS = tuple(field.name for field in dataclasses.fields(NegotiationRequest))
_KINDS = {
    "model_package_id": (str, "text"),
    "device": (str, "text such as cuda:0"),
    "onnx_execution_providers": (tuple, "a list of execution providers"),
    "default_onnx_trt_options": (bool, "true or false"),
    "allow_untrusted_packages": (bool, "true or false"),
    "trt_engine_host_code_allowed": (bool, "true or false"),
    "required_capabilities": (tuple, "a list of names"),
    "disabled_backends": (tuple, "a list of names"),
    "max_package_loading_attempts": (int, "a whole number"),
}
_LISTS_OF_TEXT = ("disabled_backends", "required_capabilities")


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _lists(value: Any) -> Any:
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def _unknown_argument_message(name: object) -> str:
    message = f"Negotiation has no argument {str(name)[:80]!r}."
    if close := difflib.get_close_matches(str(name), _ARGUMENTS, n=1):
        message += f" Was {close[0]} meant?"
    return message
