"""The networks of timm, which classifiers in PyTorch are named after."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from backends.errors import PackageConfigInvalid, RuntimeMissing

MOST_CLASSES = 100_000
"""More than any data set has; a larger number would only fill the memory."""


def build_network(initialization: Mapping[str, Any] | None) -> Any:
    """The network with untrained weights, a ``torch.nn.Module``.

    ``initialization``: ``model_initialization`` of inference_config.json, with ``model_name``, an architecture that
    timm has itself, and ``num_classes``. timm would also take names of files and addresses: those are refused. Raises
    PackageConfigInvalid, and RuntimeMissing without timm.
    """
    given = initialization or {}
    name, classes = given.get("model_name"), given.get("num_classes")
    if not isinstance(name, str) or not isinstance(classes, int) or isinstance(classes, bool):
        raise PackageConfigInvalid(
            "inference_config.json: model_initialization must name model_name (text) and num_classes (a whole number)."
        )
    if not 1 <= classes <= MOST_CLASSES:
        raise PackageConfigInvalid(
            f"inference_config.json: model_initialization.num_classes must be between 1 and {MOST_CLASSES}."
        )
    try:
        timm = import_module("timm")
    except (ImportError, RuntimeError):
        # RuntimeError: a torchvision that does not belong to the PyTorch here.
        raise RuntimeMissing("timm, which builds this network, is not installed here.") from None
    architecture = name.partition(".")[0]
    if not timm.is_model(architecture):
        raise PackageConfigInvalid(
            "inference_config.json: model_initialization.model_name is no architecture of the timm installed here."
        )
    # What follows the dot names weights to download, and those come with the package.
    return timm.create_model(architecture, pretrained=False, num_classes=classes)
