"""Packages, files and blobs: one file a noun."""

from __future__ import annotations

from packages_app.models.blob import Blob
from packages_app.models.package import (
    Package,
    PackageBenchmark,
    PackageFailure,
    PackageFile,
    Quantization,
    State,
)

__all__ = [
    "Blob",
    "Package",
    "PackageBenchmark",
    "PackageFailure",
    "PackageFile",
    "Quantization",
    "State",
]
