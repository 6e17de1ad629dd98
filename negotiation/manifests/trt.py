"""TensorRT: an engine that was compiled for a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from negotiation.errors import ModelPackageNegotiationError
from negotiation.manifests import trt_reasons as reasons
from negotiation.manifests.asked import Asked, asked_fields
from negotiation.manifests.manifest import (
    Clash,
    Library,
    MachineCheck,
    Ranker,
    RankingPart,
    Version,
    WireModel,
    WithBatch,
)
from negotiation.question import Question, candidate_gpus
from negotiation.reasons import Reason
from negotiation.versions import equal_versions, is_older, major_minor

GPU_SERVER, JETSON = "gpu-server", "jetson"
_REPORTED = "required, as the machine that built the engine reports it"
_DRIVER = Asked(
    max_length=40,
    needed=True,
    missing="Enter the driver version of the TensorRT engine.",
    meaning="required: the NVIDIA driver of the machine that built the engine",
)
_DYNAMIC = {"dynamic_batch_size": True}


def _of_engine(label: str, **more: Any) -> Asked:
    return Asked(label=label, missing=f"Enter the {label} of the TensorRT engine.", **more)


class GpuServer(WireModel):
    """The server that a TensorRT engine was compiled on."""

    type: Literal["gpu-server-specs-v1"] = "gpu-server-specs-v1"
    driver_version: Annotated[Version, _DRIVER]
    os_version: Annotated[
        str,
        _of_engine(
            "OS version",
            max_length=80,
            needed_where={"machine_type": GPU_SERVER},
            meaning="required where `machine_type` is `gpu-server`",
        ),
    ]


class Jetson(WireModel):
    """The Jetson that a TensorRT engine was compiled on. ``device_name`` is the product's name."""

    type: Literal["jetson-machine-specs-v1"] = "jetson-machine-specs-v1"
    l4t_version: Annotated[
        Version,
        Field(alias="l4tVersion"),
        _of_engine(
            "L4T version",
            max_length=40,
            needed_where={"machine_type": JETSON},
            meaning="required where `machine_type` is `jetson`",
        ),
    ]
    device_name: Annotated[
        str,
        _of_engine(
            "device name",
            help="The Jetson module.",
            needed_where={"machine_type": JETSON},
            meaning="required where `machine_type` is `jetson`: the module",
        ),
    ]
    driver_version: Annotated[Version, _DRIVER]


class TrtManifest(WithBatch):
    """A TensorRT engine, bound to a GPU and a TensorRT version.

    ``cuda_device_type`` is a device name as in ``Environment.gpu_devices``; ``cuda_device_cc`` its compute
    capability. A dynamic engine carries all three dynamic sizes; a static one may.
    """

    backend: ClassVar = "trt"
    title: ClassVar = "TensorRT"
    wire_type: ClassVar = "trt-model-package-v1"
    wire_backend: ClassVar = "trt"
    other_names: ClassVar = ("tensorrt",)
    library: ClassVar = Library("tensorrt", "TensorRT")
    folder: ClassVar = "tensorrt"
    platform: ClassVar = "tensorrt_plan"
    files: ClassVar = ("engine.plan",)
    rows: ClassVar = (
        ("cuda_device_type", "cuda_device_cc"),
        ("cuda_version", "trt_version"),
        ("machine_type", "driver_version"),
        ("os_version",),
        ("l4t_version", "device_name"),
        ("min_batch_size", "max_batch_size"),
        ("opt_batch_size",),
    )
    ranking: ClassVar = (
        RankingPart("trt_forward_compatible", "being built for this TensorRT alone", neutral=1),
        RankingPart("trt_same_cc", "being built for this GPU alone", neutral=1),
        RankingPart("cuda_device_match", "matching GPU"),
        RankingPart("trt_dynamic_range", "wider range of batch sizes"),
        RankingPart("trt_lean_runtime", "lean runtime"),
        RankingPart("jetson_device_name", "matching Jetson"),
        RankingPart("os_version", "matching operating system"),
        RankingPart("l4t_version", "matching L4T release"),
        RankingPart("driver_version", "matching driver"),
        RankingPart("cuda_version", "older CUDA version", oldest_first=True),
        RankingPart("trt_version", "older TensorRT version", oldest_first=True),
    )

    min_batch_size: Annotated[
        int | None,
        _of_engine("min batch size", needed_where=_DYNAMIC, proven=True, meaning="required where the batch is dynamic"),
    ] = None
    opt_batch_size: Annotated[
        int | None,
        _of_engine(
            "optimal batch size", needed_where=_DYNAMIC, proven=True, meaning="required where the batch is dynamic"
        ),
    ] = None
    max_batch_size: Annotated[
        int | None,
        _of_engine("max batch size", needed_where=_DYNAMIC, proven=True, meaning="required where the batch is dynamic"),
    ] = None
    cuda_device_type: Annotated[
        str, _of_engine("cuda device type", help="Such as `nvidia-l4`.", needed=True, meaning=_REPORTED)
    ]
    cuda_device_cc: Annotated[
        Version,
        Field(alias="cudaDeviceCC"),
        _of_engine("CUDA compute capability", max_length=40, needed=True, meaning=_REPORTED),
    ]
    cuda_version: Annotated[Version, _of_engine("cuda version", max_length=40, needed=True, meaning=_REPORTED)]
    trt_version: Annotated[
        Version, _of_engine("TensorRT version", max_length=40, needed=True, listed=True, meaning=_REPORTED)
    ]
    same_cc_compatible: Annotated[
        bool,
        Field(alias="sameCCCompatible"),
        Asked(label="runs on every GPU of the same compute capability", meaning="how the engine was built"),
    ] = False
    trt_forward_compatible: Annotated[
        bool, Asked(label="runs on later TensorRT versions", meaning="how the engine was built")
    ] = False
    trt_lean_runtime_excluded: Annotated[
        bool, Asked(label="built without the lean runtime", meaning="how the engine was built")
    ] = False
    machine_type: Annotated[
        Literal["gpu-server", "jetson"],
        Asked(
            needed=True,
            missing="Say whether the engine was built on a GPU server or on a Jetson.",
            choices={GPU_SERVER: "GPU server", JETSON: "Jetson"},
            meaning="required: the kind of machine that built the engine",
        ),
    ]
    machine_specs: Annotated[Jetson | GpuServer, Field(discriminator="type")]

    @classmethod
    def all_asked(cls) -> Mapping[str, Asked]:
        """Forms ask for the machine's facts as for all others; the wire alone keeps them in a document inside."""
        return {**asked_fields(cls), **asked_fields(GpuServer), **asked_fields(Jetson)}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        machine: type[WireModel] = Jetson if values.get("machine_type") == JETSON else GpuServer
        specs = machine.model_construct(None, **{name: values[name] for name in machine.model_fields if name in values})
        return super().of({**values, "machine_specs": specs})

    def clashes(self) -> Iterator[Clash]:
        yield from super().clashes()
        if self.dynamic_batch_size and None in self._sizes:
            yield Clash(
                "minBatchSize", "minBatchSize, optBatchSize and maxBatchSize are all needed for a dynamic engine"
            )
        if self.machine_type != (JETSON if isinstance(self.machine_specs, Jetson) else GPU_SERVER):
            yield Clash("machineType", "must be the kind of machine that machineSpecs describes")

    def objections(self) -> Iterator[Clash]:
        if not self.cuda_device_type.strip():
            yield Clash("cudaDeviceType", "must name the GPU that the engine was compiled on")
        given = [size for size in self._sizes if size is not None]
        if given != sorted(given) or any(size < 1 for size in given):
            yield Clash(
                "minBatchSize",
                "minBatchSize, optBatchSize and maxBatchSize must be above zero and in ascending order",
            )

    @property
    def _sizes(self) -> tuple[int | None, int | None, int | None]:
        return self.min_batch_size, self.opt_batch_size, self.max_batch_size

    @property
    def dynamic_batch_range(self) -> tuple[float, float]:
        """In whatever order the sizes were given; all sizes if none was."""
        sizes = [size for size in self._sizes if size is not None]
        return (min(sizes), max(sizes)) if sizes else (0, inf)

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        environment = question.environment
        if environment.trt_version is None:
            return lambda manifest: reasons.NOT_INSTALLED
        if not environment.trt_python_package_available:
            return lambda manifest: reasons.PYTHON_PACKAGE_MISSING
        gpus = candidate_gpus(question)
        names = tuple(environment.gpu_devices[index] for index in gpus or ())
        capabilities = tuple(environment.gpu_devices_cc[index] for index in gpus or ())

        def check(manifest: TrtManifest) -> Reason | None:
            machine, l4t = manifest.machine_specs, environment.l4t_version
            if isinstance(machine, Jetson) and l4t is None:
                return reasons.RUNTIME_L4T_UNKNOWN
            if gpus is None:
                raise ModelPackageNegotiationError(
                    "The machine does not have the requested CUDA device. Pass the index of one that it has."
                )
            if manifest.same_cc_compatible:
                if not _has(capabilities, manifest.cuda_device_cc):
                    return reasons.compute_capability_mismatch(manifest.cuda_device_cc, capabilities)
            elif manifest.cuda_device_type not in names:
                return reasons.device_name_mismatch(manifest.cuda_device_type, names)
            if isinstance(machine, Jetson) and major_minor(machine.l4t_version) != major_minor(str(l4t)):
                return reasons.l4t_mismatch(machine.l4t_version, str(l4t))
            return manifest._reason_against_version(str(environment.trt_version), question)

        return check

    def _reason_against_version(self, runtime: str, question: Question) -> Reason | None:
        if not self.trt_forward_compatible:
            if runtime != self.trt_version and not equal_versions(runtime, self.trt_version):
                return reasons.version_not_equal(self.trt_version, runtime)
            return None
        if is_older(runtime, self.trt_version):
            return reasons.runtime_older_than_engine(self.trt_version, runtime)
        if self.trt_lean_runtime_excluded:
            return reasons.LEAN_RUNTIME_EXCLUDED
        if not question.request.trt_engine_host_code_allowed:
            return reasons.HOST_CODE_FORBIDDEN
        return None

    @classmethod
    def ranker(cls, question: Question) -> Ranker:
        environment = question.environment
        gpus = tuple(environment.gpu_devices[index] for index in candidate_gpus(question) or ())

        def rank(manifest: TrtManifest) -> tuple[float, ...]:
            machine, smallest, largest = manifest.machine_specs, manifest.min_batch_size, manifest.max_batch_size
            jetson = machine if isinstance(machine, Jetson) else None
            server = None if isinstance(machine, Jetson) else machine
            return (
                0 if manifest.trt_forward_compatible else 1,
                0 if manifest.same_cc_compatible else 1,
                gpus.count(manifest.cuda_device_type),
                0 if smallest is None or largest is None else largest - smallest,
                0 if manifest.trt_lean_runtime_excluded else 1,
                1 if jetson and jetson.device_name == environment.jetson_type else 0,
                1 if server and server.os_version == environment.os_version != "" else 0,
                1 if jetson and equal_versions(environment.l4t_version, jetson.l4t_version) else 0,
                1 if equal_versions(environment.driver_version, machine.driver_version) else 0,
            )

        return rank


def _has(capabilities: tuple[str, ...], needed: str) -> bool:
    # The usual spelling first: it saves comparing versions.
    return needed in capabilities or any(equal_versions(capability, needed) for capability in capabilities)
