"""The id of a published package, derived from what it is.

From 0.34 on a client refuses a package whose facts changed under an id that it has cached. So the id is a
digest of exactly those facts: change one and the package is another; change anything else (opset, memory
profile, display names, order of files, addresses) and it stays the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from negotiation.package import RecommendedParameters

_SCHEME = "weighbridge-package-v1"
"""Part of what is digested: another recipe must not give an id that this one could have given."""


@dataclass(frozen=True, slots=True)
class DependencyIdentity:
    """A declared dependency, and the published packages that it can resolve to.

    The client records which package of the dependency it loaded the parent with, so new packages of the
    dependency make another parent.
    """

    name: str
    model_id: str
    model_package_id: str | None = None
    published_package_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageIdentity:
    """The facts that must never change under one id.

    ``backend`` is the name requests use. ``features`` None and ``{}`` are different facts.
    ``recommended_parameters`` are the effective ones, see ``effective_parameters``. ``files`` are pairs of
    a handle and an MD5 of 32 lower-case hex digits, in any order.
    """

    model_id: str
    architecture: str
    task: str | None
    backend: str
    quantization: str
    trusted: bool
    files: frozenset[tuple[str, str]]
    dynamic_batch_size: bool = False
    static_batch_size: int | None = None
    features: Mapping[str, Any] | None = None
    dependencies: tuple[DependencyIdentity, ...] = ()
    recommended_parameters: RecommendedParameters | None = None


def package_id(identity: PackageIdentity) -> str:
    """The id of the package: 32 hexadecimal digits, the same on every machine and in every release.

    Raises ``TypeError`` or ``ValueError`` if ``features`` holds what JSON cannot.
    """
    facts = {
        "scheme": _SCHEME,
        "model_id": identity.model_id,
        "architecture": identity.architecture,
        "task": identity.task,
        "backend": identity.backend,
        "quantization": identity.quantization,
        "trusted": identity.trusted,
        "dynamic_batch_size": identity.dynamic_batch_size,
        "static_batch_size": identity.static_batch_size,
        "features": None if identity.features is None else dict(identity.features),
        "recommended_parameters": _parameters(identity.recommended_parameters),
        "dependencies": [
            [
                dependency.name,
                dependency.model_id,
                dependency.model_package_id,
                sorted(dependency.published_package_ids),
            ]
            for dependency in identity.dependencies
        ],
        "files": sorted(identity.files),
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:32]


def effective_parameters(
    of_package: RecommendedParameters | None, of_model: RecommendedParameters | None
) -> RecommendedParameters | None:
    """The recommended parameters that hold: the package's own, else its model's. They are not mixed."""
    return of_model if of_package is None else of_package


def file_pairs(files: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Pairs of handle and MD5 as an identity takes them, hex digits in lower case."""
    return frozenset((handle, md5.lower()) for handle, md5 in files)


def _parameters(parameters: RecommendedParameters | None) -> dict[str, Any] | None:
    if parameters is None:
        return None
    # The client reads every number as a float, so 1 and 1.0 are one fact.
    per_class = parameters.per_class_confidence
    return {
        "confidence": None if parameters.confidence is None else float(parameters.confidence),
        "per_class": None if per_class is None else {name: float(value) for name, value in per_class.items()},
    }
