"""One way to run a model, as negotiation sees it: a package and the manifest of its backend.

Values are immutable and already checked: they come from ``negotiation.wire`` or from published records.
Versions are the PEP 440 strings of the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar, get_args

QUANTIZATIONS = ("fp32", "fp16", "bf16", "int8", "unknown")


@dataclass(frozen=True, slots=True)
class OnnxManifest:
    """An ONNX graph. Batch: dynamic, or one static size.

    ``ir_version``, the version of the file's format, is not on the wire: only who has the file knows it.
    """

    backend: ClassVar[str] = "onnx"
    quantization: str
    dynamic_batch_size: bool
    static_batch_size: int | None
    opset: int
    incompatible_providers: tuple[str, ...] | None = None
    ir_version: int | None = None


@dataclass(frozen=True, slots=True)
class GpuServer:
    """The server that a TensorRT engine was compiled on."""

    driver_version: str
    os_version: str


@dataclass(frozen=True, slots=True)
class Jetson:
    """The Jetson that a TensorRT engine was compiled on. ``device_name`` is the product's name."""

    l4t_version: str
    device_name: str
    driver_version: str


@dataclass(frozen=True, slots=True)
class TrtManifest:
    """A TensorRT engine, bound to a GPU and a TensorRT version.

    ``cuda_device_type`` is a device name as in ``Environment.gpu_devices``; ``cuda_device_cc`` its compute
    capability. A dynamic engine carries all three dynamic sizes; a static one may.
    """

    backend: ClassVar[str] = "trt"
    quantization: str
    dynamic_batch_size: bool
    static_batch_size: int | None
    cuda_device_type: str
    cuda_device_cc: str
    cuda_version: str
    trt_version: str
    machine: GpuServer | Jetson
    min_batch_size: int | None = None
    opt_batch_size: int | None = None
    max_batch_size: int | None = None
    same_cc_compatible: bool = False
    trt_forward_compatible: bool = False
    trt_lean_runtime_excluded: bool = False
    dynamic_batch_range: tuple[float, float] = field(init=False, repr=False, compare=False)
    """Smallest and largest of the dynamic sizes, in whatever order they were given; all sizes if none was."""

    def __post_init__(self) -> None:
        declared = (self.min_batch_size, self.opt_batch_size, self.max_batch_size)
        sizes = [size for size in declared if size is not None]
        bounds = (min(sizes), max(sizes)) if sizes else (0, inf)
        object.__setattr__(self, "dynamic_batch_range", bounds)


@dataclass(frozen=True, slots=True)
class TorchManifest:
    """Torch weights for a network that the library builds."""

    backend: ClassVar[str] = "torch"
    quantization: str
    dynamic_batch_size: bool
    static_batch_size: int | None


@dataclass(frozen=True, slots=True)
class HuggingFaceManifest:
    """A folder for the transformers library. It declares no batch size at all."""

    backend: ClassVar[str] = "hugging-face"
    dynamic_batch_size: ClassVar[bool] = False
    static_batch_size: ClassVar[int | None] = None
    quantization: str


@dataclass(frozen=True, slots=True)
class TorchScriptManifest:
    """A TorchScript archive. ``torch_version`` and ``torch_vision_version`` are minimums."""

    backend: ClassVar[str] = "torch-script"
    quantization: str
    dynamic_batch_size: bool
    static_batch_size: int | None
    supported_device_types: tuple[str, ...]
    torch_version: str
    torch_vision_version: str | None = None


@dataclass(frozen=True, slots=True)
class CoremlManifest:
    """A Core ML package, for macOS on Apple silicon."""

    backend: ClassVar[str] = "coreml"
    quantization: str
    dynamic_batch_size: bool
    static_batch_size: int | None


@dataclass(frozen=True, slots=True)
class UltralyticsManifest:
    """Weights for the ultralytics library. Nothing about them is declared."""

    backend: ClassVar[str] = "ultralytics"
    quantization: ClassVar[str] = "unknown"
    dynamic_batch_size: ClassVar[bool] = False
    static_batch_size: ClassVar[int | None] = None


Manifest = (
    OnnxManifest
    | TrtManifest
    | TorchManifest
    | HuggingFaceManifest
    | TorchScriptManifest
    | CoremlManifest
    | UltralyticsManifest
)

BACKENDS = tuple(manifest.backend for manifest in get_args(Manifest))
"""The backends that packages on the wire can name."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a package: its path inside the package, where to fetch it, its MD5 as 32 hex digits."""

    handle: str
    download_url: str
    md5: str | None = None


@dataclass(frozen=True, slots=True)
class RecommendedParameters:
    """Thresholds that an evaluation of the model recommends, 0 to 1."""

    confidence: float | None = None
    per_class_confidence: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """One way to run a model.

    ``features`` are the manifest's claims beyond its backend (None and ``{}`` both mean none, but are
    different facts to the client's cache). ``peak_vram_mb`` maps batch sizes to mebibytes.
    """

    package_id: str
    manifest: Manifest
    files: tuple[PackageFile, ...] = ()
    trusted: bool = False
    features: Mapping[str, Any] | None = None
    recommended_parameters: RecommendedParameters | None = None
    peak_vram_mb: Mapping[int, int] = field(default_factory=dict)
    # Facts of the manifest, repeated here: Python reads an attribute much faster where all values are of one
    # class, and these are read many times for every package in every negotiation.
    backend: str = field(init=False, repr=False, compare=False)
    """The backend that runs the package, by the name requests use (``hugging-face``, not ``hf``)."""
    quantization: str = field(init=False, repr=False, compare=False)
    """The precision of the weights: one of ``QUANTIZATIONS``."""
    dynamic_batch_size: bool = field(init=False, repr=False, compare=False)
    static_batch_size: int | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("backend", "quantization", "dynamic_batch_size", "static_batch_size"):
            object.__setattr__(self, name, getattr(self.manifest, name))
