"""The filters, in the order in which the client applies them.

Each takes the question and the packages still in the race, and gives those that stay in it, in the same
order, and those that leave it with their reasons. Filters that read an argument judge it even when no package
is left, so the first bad argument decides the error.
"""

from __future__ import annotations

from collections.abc import Callable

from negotiation import fused_nms, reasons
from negotiation.errors import (
    BatchSizeNotDeclaredError,
    InvalidRequestedBatchSizeError,
    UnknownBackendTypeError,
    UnknownQuantizationError,
)
from negotiation.package import QUANTIZATIONS, Package, TrtManifest
from negotiation.question import Candidate, Question
from negotiation.reasons import Reason
from negotiation.runtime import Runtime

Discarded = list[tuple[int, Reason]]
Filtered = tuple[list[Candidate], Discarded]
Filter = Callable[[Question, list[Candidate]], Filtered]


def _divide(candidates: list[Candidate], reason_against: Callable[[Package], Reason | None]) -> Filtered:
    survivors: list[Candidate] = []
    discarded: Discarded = []
    for candidate in candidates:
        reason = reason_against(candidate[1])
        if reason is None:
            survivors.append(candidate)
        else:
            discarded.append((candidate[0], reason))
    return survivors, discarded


def missing_capability(question: Question, backend: str) -> Reason | None:
    """Why the model with this backend lacks something that the request requires; None if it does not."""
    for name in question.request.required_capabilities or ():
        capability = question.policy.capabilities[name]
        backends = capability.backends.get(question.architecture, frozenset())
        if question.task not in capability.tasks or backend not in backends:
            return reasons.missing_capability(name, backend)
    return None


def by_capability(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what offers the required capabilities."""
    if not question.request.required_capabilities:
        return candidates, []
    return _divide(candidates, lambda package: missing_capability(question, package.backend))


def by_implementation(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what the policy has an implementation for, with exactly the features it knows and needs."""
    architecture, task = question.architecture, question.task
    known = {} if task is None else question.policy.implementations.get((architecture, task), {})

    def reason_against(package: Package) -> Reason | None:
        backend, features = package.manifest.backend, package.features
        implementation = known.get(backend)
        if implementation is None:
            return reasons.no_implementation_for_backend(architecture, task, backend)
        if not features:
            if not implementation.required_features:
                return None
            features = {}
        if missing := implementation.required_features.difference(features):
            return reasons.required_feature_missing(architecture, backend, tuple(sorted(missing)))
        if unsupported := set(features) - implementation.supported_features:
            return reasons.unsupported_feature(architecture, backend, tuple(sorted(map(str, unsupported))))
        return None

    return _divide(candidates, reason_against)


def by_trust(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what is trusted, unless the request allows everything."""
    if question.request.allow_untrusted_packages:
        return candidates, []
    return _divide(candidates, lambda package: None if package.trusted else reasons.UNTRUSTED)


def by_backend(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what runs with a requested backend. An empty list of backends discards everything.

    Raises ``UnknownBackendTypeError``.
    """
    requested = _requested_backends(question)
    if requested is None:
        return candidates, []
    in_words = tuple(sorted(requested))

    def reason_against(package: Package) -> Reason | None:
        backend = package.manifest.backend
        return None if backend in requested else reasons.backend_not_requested(backend, in_words)

    return _divide(candidates, reason_against)


def _requested_backends(question: Question) -> frozenset[str] | None:
    request, known = question.request, question.policy.backends
    if request.backend is None:
        if not request.disabled_backends:
            return None
        return frozenset(known).difference(request.disabled_backends)
    values = request.backend if isinstance(request.backend, (tuple, list)) else (request.backend,)
    for value in values:
        if not isinstance(value, str) or value.lower() not in known:
            raise UnknownBackendTypeError(
                f"There is no backend {str(value)[:80]!r}. Known backends: {', '.join(known)}."
            )
    return frozenset(value.lower() for value in values)


def by_batch_size(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what runs the requested batch sizes: for a static package, one size in the range is enough.

    Raises ``InvalidRequestedBatchSizeError``, and ``BatchSizeNotDeclaredError`` if a package without any
    batch settings is left.
    """
    if question.request.batch_size is None:
        return candidates, []
    low, high = _requested_batch_range(question.request.batch_size)

    def reason_against(package: Package) -> Reason | None:
        manifest = package.manifest
        if manifest.dynamic_batch_size:
            if not isinstance(manifest, TrtManifest):
                return None
            return _reason_against_dynamic_engine(manifest, low, high)
        size = manifest.static_batch_size
        if size is None:
            raise BatchSizeNotDeclaredError(
                f"batch_size cannot be requested while a {manifest.backend} package is among the choices: "
                "it declares none. Leave batch_size out, or exclude that backend."
            )
        return None if low <= size <= high else reasons.static_batch_size(size, low, high)

    return _divide(candidates, reason_against)


def _requested_batch_range(requested: object) -> tuple[int, int]:
    values = requested if isinstance(requested, tuple) else (requested, requested)
    if len(values) == 2:
        low, high = values
        if isinstance(low, int) and isinstance(high, int) and 0 < low <= high:
            return low, high
    raise InvalidRequestedBatchSizeError("batch_size must be a whole number above zero, or an ascending pair of them.")


def _reason_against_dynamic_engine(manifest: TrtManifest, low: int, high: int) -> Reason | None:
    declared = (manifest.min_batch_size, manifest.opt_batch_size, manifest.max_batch_size)
    sizes = [size for size in declared if size is not None]
    if not sizes or (min(sizes) <= low and high <= max(sizes)):
        return None
    return reasons.dynamic_batch_range(min(sizes), max(sizes), low, high)


def by_quantization(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep the requested quantizations, or the device's defaults; an empty request keeps everything.

    Raises ``UnknownQuantizationError``.
    """
    requested = question.request.quantization
    if requested is None:
        return _by_default_quantization(question, candidates)
    if not requested:
        return candidates, []
    values = requested if isinstance(requested, (tuple, list)) else (requested,)
    for value in values:
        if value not in QUANTIZATIONS:
            raise UnknownQuantizationError(
                f"There is no quantization {str(value)[:80]!r}. "
                f"Known quantizations, in lower case: {', '.join(QUANTIZATIONS)}."
            )
    in_words = tuple(sorted(set(values)))

    def reason_against(package: Package) -> Reason | None:
        quantization = package.manifest.quantization
        return None if quantization in values else reasons.quantization_not_requested(quantization, in_words)

    return _divide(candidates, reason_against)


def _by_default_quantization(question: Question, candidates: list[Candidate]) -> Filtered:
    defaults, device = question.policy.default_quantizations, question.device
    if device is not None:
        allowed = defaults.cpu if device.type == "cpu" else defaults.other_device
    elif question.environment.gpu_devices:
        allowed = defaults.no_device_with_gpu
    else:
        allowed = defaults.no_device_without_gpu
    exempt = question.policy.default_quantization_exempt_backends

    def reason_against(package: Package) -> Reason | None:
        manifest = package.manifest
        if manifest.quantization in allowed or manifest.backend in exempt:
            return None
        return reasons.quantization_not_in_defaults(manifest.quantization, allowed)

    return _divide(candidates, reason_against)


def by_runtime(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what the machine can run. Raises ``ModelPackageNegotiationError``, see ``Runtime``."""
    return _divide(candidates, Runtime(question).reason_against)


def by_model_features(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what has no suppression of boxes built in, or the preferred kind.

    Raises ``MalformedModelFeaturesError`` and ``InvalidNmsFusionPreferencesError``.
    """
    preferences, defaults = question.request.nms_fusion_preferences, question.policy.default_fused_nms
    return _divide(
        candidates,
        lambda package: fused_nms.mismatch(package, preferences, defaults) if package.features else None,
    )


FILTERS: tuple[Filter, ...] = (
    by_capability,
    by_implementation,
    by_trust,
    by_backend,
    by_batch_size,
    by_quantization,
    by_runtime,
    by_model_features,
)
