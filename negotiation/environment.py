"""What a machine offers: the facts that negotiation reads, in one immutable value.

One field for each thing the AutoModel client finds out about its machine, under the same name, and the
configured preference order of ONNX Runtime's execution providers. Versions stay the PEP 440 strings they
were given as: a TensorRT engine is bound to the exact string, so rewriting one would lose a fact.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from negotiation.errors import InvalidEnvironmentError
from negotiation.versions import is_version

DEFAULT_ONNX_EXECUTION_PROVIDERS = (
    "CUDAExecutionProvider",
    "OpenVINOExecutionProvider",
    "CoreMLExecutionProvider",
    "CPUExecutionProvider",
)
"""The client's preference order where ``ONNXRUNTIME_EXECUTION_PROVIDERS`` is not set."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One machine. The defaults describe a machine that offers nothing.

    ``gpu_devices`` holds device names in CUDA index order, lower case, blanks as ``-``; ``gpu_devices_cc``
    their compute capabilities in the same order. Version fields hold PEP 440 strings or None for "not
    there". ``available_onnx_execution_providers`` is in the order that ONNX Runtime reports, or None
    without ONNX Runtime. ``os_version`` is set only on machines that are no Jetson, ``l4t_version`` and
    ``jetson_type`` only on those that are.

    Raises ``InvalidEnvironmentError`` on a field of the wrong type or a version that is not PEP 440.
    """

    gpu_available: bool = False
    gpu_devices: tuple[str, ...] = ()
    gpu_devices_cc: tuple[str, ...] = ()
    driver_version: str | None = None
    cuda_version: str | None = None
    trt_version: str | None = None
    jetson_type: str | None = None
    l4t_version: str | None = None
    os_version: str | None = None
    torch_available: bool = False
    torch_version: str | None = None
    torchvision_version: str | None = None
    onnxruntime_version: str | None = None
    available_onnx_execution_providers: tuple[str, ...] | None = None
    hf_transformers_available: bool = False
    trt_python_package_available: bool = False
    coremltools_version: str | None = None
    onnx_default_execution_providers: tuple[str, ...] = DEFAULT_ONNX_EXECUTION_PROVIDERS

    def __post_init__(self) -> None:
        for name in _FLAGS:
            _require(isinstance(getattr(self, name), bool), name, "true or false")
        for name in _VERSIONS:
            value = getattr(self, name)
            _require(value is None or _is_version_text(value), name, "a version such as 12.4, or null")
        for name in _TEXTS:
            value = getattr(self, name)
            _require(value is None or isinstance(value, str), name, "text or null")
        for name in ("gpu_devices", "onnx_default_execution_providers"):
            _require(_is_tuple_of_text(getattr(self, name)), name, "a list of names")
        providers = self.available_onnx_execution_providers
        _require(
            providers is None or _is_tuple_of_text(providers),
            "available_onnx_execution_providers",
            "a list of names, or null",
        )
        capabilities = self.gpu_devices_cc
        _require(
            isinstance(capabilities, tuple) and all(_is_version_text(value) for value in capabilities),
            "gpu_devices_cc",
            "a list of compute capabilities such as 8.6",
        )
        _require(
            len(capabilities) == len(self.gpu_devices),
            "gpu_devices_cc",
            "as long as gpu_devices: one compute capability a device",
        )

    @classmethod
    def from_json(cls, document: Any) -> Environment:
        """Read the JSON object that ``to_json`` writes.

        A missing key means "not there". An unknown key is refused, because a misspelt field would
        silently describe another machine.

        Raises ``InvalidEnvironmentError``.
        """
        if not isinstance(document, Mapping):
            raise InvalidEnvironmentError("An environment is a JSON object with one key for each field.")
        for key in document:
            if key not in _FIELDS:
                raise InvalidEnvironmentError(_unknown_key_message(key))
        return cls(**{key: _from_json_value(value) for key, value in document.items()})

    def to_json(self) -> dict[str, Any]:
        """The environment as a JSON object: every field, lists for tuples."""
        return {name: _to_json_value(getattr(self, name)) for name in _FIELDS}

    def fingerprint(self) -> str:
        """A stable name for machines that offer exactly the same: 64 hexadecimal digits (SHA-256)."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


_FIELDS = tuple(field.name for field in dataclasses.fields(Environment))
_FLAGS = ("gpu_available", "torch_available", "hf_transformers_available", "trt_python_package_available")
_VERSIONS = (
    "driver_version",
    "cuda_version",
    "trt_version",
    "l4t_version",
    "torch_version",
    "torchvision_version",
    "onnxruntime_version",
    "coremltools_version",
)
_TEXTS = ("jetson_type", "os_version")


def _require(fine: bool, name: str, expected: str) -> None:
    if not fine:
        raise InvalidEnvironmentError(f"Environment field {name} must be {expected}.")


def _is_version_text(value: object) -> bool:
    return isinstance(value, str) and is_version(value)


def _is_tuple_of_text(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _from_json_value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _to_json_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _unknown_key_message(key: object) -> str:
    message = f"An environment has no field {str(key)[:80]!r}."
    if close := difflib.get_close_matches(str(key), _FIELDS, n=1):
        message += f" Was {close[0]} meant?"
    return message
