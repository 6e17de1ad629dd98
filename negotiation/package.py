"""One way to run a model, as negotiation sees it: a package with the manifest of its backend.

Values are immutable and already checked: they come from ``negotiation.wire`` or from published records.
Versions are the PEP 440 strings of the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from negotiation.manifests import Manifest


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
    """The precision of the weights: one of ``negotiation.manifests.QUANTIZATIONS``."""
    dynamic_batch_size: bool = field(init=False, repr=False, compare=False)
    static_batch_size: int | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("backend", "quantization", "dynamic_batch_size", "static_batch_size"):
            object.__setattr__(self, name, getattr(self.manifest, name))


class Candidate(NamedTuple):
    """A package that is still in the race, with its position on the wire."""

    position: int
    package: Package
