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
from negotiation.manifests import BACKENDS, QUANTIZATIONS
from negotiation.package import Candidate, Package
from negotiation.policy import Implementation
from negotiation.question import Question
from negotiation.reasons import Reason

Discarded = list[tuple[int, Reason]]
Filtered = tuple[list[Candidate], Discarded]
Filter = Callable[[Question, list[Candidate]], Filtered]


def _divide(candidates: list[Candidate], verdicts: list[Reason | None]) -> Filtered:
    """Part the candidates by their verdicts: a reason to go, or None to stay."""
    if not any(verdicts):
        return candidates, []
    return (
        [candidate for candidate, reason in zip(candidates, verdicts, strict=True) if reason is None],
        [
            (candidate.position, reason)
            for candidate, reason in zip(candidates, verdicts, strict=True)
            if reason is not None
        ],
    )


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
    return _divide(candidates, [missing_capability(question, package.backend) for _, package in candidates])


def by_implementation(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what the policy has an implementation for, with exactly the features it knows and needs."""
    task = question.task
    known = {} if task is None else question.policy.implementations.get((question.architecture, task), {})
    plain = {
        backend: _reason_against_features(question, backend, known.get(backend), frozenset()) for backend in BACKENDS
    }
    return _divide(
        candidates,
        [
            _reason_against_features(question, package.backend, known.get(package.backend), frozenset(package.features))
            if package.features
            else plain[package.backend]
            for _, package in candidates
        ],
    )


def _reason_against_features(
    question: Question, backend: str, implementation: Implementation | None, features: frozenset[str]
) -> Reason | None:
    architecture = question.architecture
    if implementation is None:
        return reasons.no_implementation_for_backend(architecture, question.task, backend)
    if missing := implementation.required_features - features:
        return reasons.required_feature_missing(architecture, backend, tuple(sorted(missing)))
    if unsupported := features - implementation.supported_features:
        return reasons.unsupported_feature(architecture, backend, tuple(sorted(map(str, unsupported))))
    return None


def by_trust(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what is trusted, unless the request allows everything."""
    if question.request.allow_untrusted_packages:
        return candidates, []
    return _divide(candidates, [None if package.trusted else reasons.UNTRUSTED for _, package in candidates])


def by_backend(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what runs with a requested backend. An empty list of backends discards everything.

    Raises ``UnknownBackendTypeError``.
    """
    requested = _requested_backends(question)
    if requested is None:
        return candidates, []
    in_words = tuple(sorted(requested))
    verdicts = {
        backend: None if backend in requested else reasons.backend_not_requested(backend, in_words)
        for backend in BACKENDS
    }
    return _divide(candidates, [verdicts[package.backend] for _, package in candidates])


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

    return _divide(candidates, [_reason_against_batch(package, low, high) for _, package in candidates])


def _reason_against_batch(package: Package, low: int, high: int) -> Reason | None:
    if package.dynamic_batch_size:
        smallest, largest = package.manifest.dynamic_batch_range
        if smallest <= low and high <= largest:
            return None
        return reasons.dynamic_batch_range(smallest, largest, low, high)
    size = package.static_batch_size
    if size is None:
        raise BatchSizeNotDeclaredError(
            f"batch_size cannot be requested while a {package.backend} package is among the choices: "
            "it declares none. Leave batch_size out, or exclude that backend."
        )
    return None if low <= size <= high else reasons.static_batch_size(size, low, high)


def _requested_batch_range(requested: object) -> tuple[int, int]:
    values = requested if isinstance(requested, tuple) else (requested, requested)
    if len(values) == 2:
        low, high = values
        if isinstance(low, int) and isinstance(high, int) and 0 < low <= high:
            return low, high
    raise InvalidRequestedBatchSizeError("batch_size must be a whole number above zero, or an ascending pair of them.")


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
    verdicts = {
        quantization: None if quantization in values else reasons.quantization_not_requested(quantization, in_words)
        for quantization in QUANTIZATIONS
    }
    return _divide(candidates, [verdicts[package.quantization] for _, package in candidates])


def _by_default_quantization(question: Question, candidates: list[Candidate]) -> Filtered:
    defaults, device = question.policy.default_quantizations, question.device
    if device is not None:
        allowed = defaults.cpu if device.type == "cpu" else defaults.other_device
    elif question.environment.gpu_devices:
        allowed = defaults.no_device_with_gpu
    else:
        allowed = defaults.no_device_without_gpu
    exempt = question.policy.default_quantization_exempt_backends
    verdicts = {
        quantization: None if quantization in allowed else reasons.quantization_not_in_defaults(quantization, allowed)
        for quantization in QUANTIZATIONS
    }

    return _divide(
        candidates,
        [
            None if reason is None or package.backend in exempt else reason
            for _, package in candidates
            for reason in (verdicts[package.quantization],)
        ],
    )


def by_runtime(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what the machine can run. Raises ``ModelPackageNegotiationError``, see ``Manifest.machine_check``."""
    backends = {package.backend: type(package.manifest) for _, package in candidates}
    checks = {backend: manifest.machine_check(question) for backend, manifest in backends.items()}
    return _divide(candidates, [checks[package.backend](package.manifest) for _, package in candidates])


def by_model_features(question: Question, candidates: list[Candidate]) -> Filtered:
    """Keep what has no suppression of boxes built in, or the preferred kind.

    Raises ``MalformedModelFeaturesError`` and ``InvalidNmsFusionPreferencesError``.
    """
    preferences, defaults = question.request.nms_fusion_preferences, question.policy.default_fused_nms
    if not any(package.features for _, package in candidates):
        return candidates, []
    return _divide(candidates, [fused_nms.mismatch(package, preferences, defaults) for _, package in candidates])


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
