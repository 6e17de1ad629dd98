"""TorchScript: an archive that holds its network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import Field

from negotiation.manifests.asked import Asked
from negotiation.manifests.manifest import Clash, Library, MachineCheck, Names, Version, WithBatch
from negotiation.manifests.torch import NOT_INSTALLED
from negotiation.question import Question
from negotiation.reasons import Reason, listed, on_this_machine
from negotiation.request import TORCH_DEVICE_TYPES
from negotiation.versions import is_older


class TorchScriptManifest(WithBatch):
    """A TorchScript archive. ``torch_version`` and ``torchvision_version`` are minimums.

    The files do not say where they run nor what they need; what is assumed is what exporters write today.
    """

    backend: ClassVar = "torch-script"
    title: ClassVar = "TorchScript"
    wire_type: ClassVar = "torch-script-model-package-v1"
    wire_backend: ClassVar = "torch-script"
    other_names: ClassVar = ("torchscript",)
    library: ClassVar = Library("torch", "PyTorch")
    folder: ClassVar = "torchscript"
    platform: ClassVar = "pytorch_libtorch"
    files: ClassVar = ("weights.torchscript",)
    rows: ClassVar = (("torch_version", "torchvision_version"),)

    supported_device_types: Annotated[
        Names,
        Asked(
            help="Torch device types, one a line, such as cpu and cuda.",
            needed=True,
            missing="Enter the device types on which the TorchScript file runs.",
            code="device-types-missing",
            proven=True,
            assumed=["cpu", "cuda"],
            meaning='required, such as `["cpu", "cuda"]` (the default)',
        ),
    ]
    torch_version: Annotated[
        Version,
        Asked(
            help="The oldest that runs it.",
            needed=True,
            missing="Enter the oldest Torch version that runs the file.",
            max_length=40,
            proven=True,
            assumed="2.0.0",
            meaning="required: the oldest that runs it; `2.0.0` unless given",
        ),
    ]
    torchvision_version: Annotated[
        Version | None,
        Field(alias="torchVisionVersion"),
        Asked(max_length=40, meaning="the oldest torchvision that runs it, where it needs one"),
    ] = None

    def objections(self) -> Iterator[Clash]:
        if not self.supported_device_types:
            yield Clash("supportedDeviceTypes", "must name at least one device type, such as cpu or cuda")
        for device_type in self.supported_device_types:
            if device_type not in TORCH_DEVICE_TYPES:
                yield Clash(
                    "supportedDeviceTypes",
                    f"{device_type[:40]!r} is not a Torch device type; an index does not belong here",
                )

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        environment, device = question.environment, question.device

        def check(manifest: TorchScriptManifest) -> Reason | None:
            if not environment.torch_available:
                return NOT_INSTALLED
            if device is None:
                return DEVICE_UNSPECIFIED
            if device.type not in manifest.supported_device_types:
                return device_type_mismatch(device.type, manifest.supported_device_types)
            if environment.torch_version is None:
                return TORCH_VERSION_UNKNOWN
            if is_older(environment.torch_version, manifest.torch_version):
                return torch_too_old(manifest.torch_version, environment.torch_version)
            needed = manifest.torchvision_version
            if needed is None:
                return None
            if environment.torchvision_version is None:
                return TORCHVISION_VERSION_UNKNOWN
            if is_older(environment.torchvision_version, needed):
                return torchvision_too_old(needed, environment.torchvision_version)
            return None

        return check


DEVICE_UNSPECIFIED = on_this_machine(
    "torchscript_device_unspecified",
    "TorchScript packages are bound to device types, and the request names no device. Pass device.",
)
TORCH_VERSION_UNKNOWN = on_this_machine(
    "torchscript_torch_version_unknown",
    "The version of Torch on this machine cannot be told. Reinstall torch.",
)
TORCHVISION_VERSION_UNKNOWN = on_this_machine(
    "torchscript_torchvision_version_unknown",
    "The package needs torchvision, and its version on this machine cannot be told. Install torchvision.",
)


@lru_cache(maxsize=256)
def device_type_mismatch(device_type: str, supported: tuple[str, ...]) -> Reason:
    """The archive was not made for the requested kind of device."""
    return on_this_machine(
        "torchscript_device_type_mismatch",
        f"The package runs on {listed(supported)}; the request is for {device_type}. "
        "Pass one of those devices, or publish an archive for this one.",
    )


@lru_cache(maxsize=1024)
def torch_too_old(needed: str, runtime: str) -> Reason:
    """The archive needs a later Torch."""
    return on_this_machine(
        "torchscript_torch_too_old",
        f"The package needs Torch {needed} or later; this machine has {runtime}. Upgrade torch.",
    )


@lru_cache(maxsize=1024)
def torchvision_too_old(needed: str, runtime: str) -> Reason:
    """The archive needs a later torchvision."""
    return on_this_machine(
        "torchscript_torchvision_too_old",
        f"The package needs torchvision {needed} or later; this machine has {runtime}. Upgrade torchvision.",
    )
