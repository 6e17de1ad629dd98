"""From a package to a loaded model, in two steps."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import cv2
import numpy as np

from backends import images
from backends.errors import ProtocolError
from backends.host.models.preparing import PreparedPackage, Preparer
from backends.host.settings import HostSettings
from backends.model import LoadedModel
from backends.onnx import arena
from backends.package_reference import PackageReference
from backends.parameters import RecommendedParameters
from backends.registry import implementations, load_package
from backends.session import SessionOptions
from backends.trial.fork_server import ForkServer


class PackageLoader:
    """Loads packages. Made once, while the host has one thread. Thread-safe."""

    def __init__(self, settings: HostSettings) -> None:
        """Begins what prepares packages, and does once what libraries do at their first use.

        That counts as the empty host then, and delays no request.
        """
        self._device = settings.device
        implementations()
        self._preparer = Preparer(settings, ForkServer(["backends.onnx.rewrites"]))
        # Requests run beside each other already; threads within OpenCV would only compete with them.
        cv2.setNumThreads(0)
        image = np.zeros((64, 64, 3), dtype=np.uint8)
        for suffix in (".jpg", ".png"):
            images.decode(cv2.imencode(suffix, image)[1].tobytes())
        if "onnxruntime" in sys.modules:
            arena.shrink(sys.modules["onnxruntime"])

    def prepared(self, reference: PackageReference, memory: int) -> AbstractContextManager[PreparedPackage]:
        """As `Preparer.prepared`."""
        return self._preparer.prepared(reference, memory)

    def open(self, reference: PackageReference, prepared: PreparedPackage, *, threads: int) -> LoadedModel:
        """Load the package for runs of so many CPU threads; 0 lets the runtime choose.

        Raises BackendError; then nothing of it is left in memory.
        """
        return load_package(
            reference.directory,
            architecture=reference.architecture,
            task=reference.task,
            backend=reference.backend,
            features=reference.feature_names,
            options=SessionOptions(device=self._device, threads=threads, providers=_providers(reference.options)),
            recommended=RecommendedParameters(**reference.recommended) if reference.recommended else None,
            prepared=prepared.folder,
        )


def _providers(options: Mapping[str, Any]) -> tuple[str | tuple[str, Mapping[str, Any]], ...] | None:
    providers = options.get("providers")
    if not providers:
        return None
    try:
        return tuple(item if isinstance(item, str) else (str(item[0]), dict(item[1])) for item in providers)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ProtocolError("The execution providers are neither names nor pairs of name and options.") from error
