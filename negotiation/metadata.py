"""A model as a weights provider announces it: what it is, and its packages."""

from __future__ import annotations

from dataclasses import dataclass

from negotiation.package import Package, RecommendedParameters
from negotiation.reasons import Reason


@dataclass(frozen=True, slots=True)
class ModelDependency:
    """Another model that this one needs, under the name its code knows it by."""

    name: str
    model_id: str
    model_package_id: str | None = None


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """A model and its packages. ``latency_ms`` is a measured latency in milliseconds, for display."""

    model_id: str
    architecture: str
    task: str | None
    packages: tuple[Package, ...] = ()
    variant: str | None = None
    dependencies: tuple[ModelDependency, ...] = ()
    recommended_parameters: RecommendedParameters | None = None
    latency_ms: float | None = None
    next_page: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One wire entry: the package it holds, or the reason why it holds none (never both).

    ``package_id`` is what the entry calls itself; None if that is no text.
    """

    package_id: str | None
    package: Package | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ParsedMetadata:
    """A parsed document: the model with the packages that parsed, and every entry in wire order."""

    model: ModelMetadata
    entries: tuple[ParsedEntry, ...]
