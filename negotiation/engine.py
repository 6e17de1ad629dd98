"""The front door: which package a machine should run, and why."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from negotiation.environment import Environment
from negotiation.errors import (
    AmbiguousModelPackageResolutionError,
    InvalidMetadataError,
    ModelRetrievalError,
    NegotiationError,
    NoModelPackagesAvailableError,
)
from negotiation.explanation import Explanation
from negotiation.filters import FILTERS, missing_capability
from negotiation.metadata import ParsedMetadata
from negotiation.package import Candidate, Package
from negotiation.policy import Policy
from negotiation.question import Question, ask
from negotiation.ranking import Placed, rank
from negotiation.reasons import Reason
from negotiation.request import NegotiationRequest
from negotiation.wire import parse_metadata


def negotiate(
    metadata: ParsedMetadata | Mapping[str, Any],
    environment: Environment,
    request: NegotiationRequest | None = None,
    policy: Policy | None = None,
) -> Explanation:
    """Choose among the packages of a wire document (the value of ``modelMetadata``), parsed or not.

    Positions in the explanation are those of ``modelPackages``, where dropped entries count. ``policy``
    is the newest client's by default. Errors of the negotiation are in the explanation, not raised.

    Raises ``InvalidMetadataError`` if the document is not a metadata document, unless an argument is invalid
    in a way that the client would notice first.
    """
    request, policy = request or NegotiationRequest(), policy or Policy.for_client()
    try:
        parsed = metadata if isinstance(metadata, ParsedMetadata) else parse_metadata(metadata)
    except InvalidMetadataError:
        # The client judges its arguments before it asks for the document, so their errors come first.
        ask("", None, environment, request, policy)
        raise
    return _negotiate(
        packages=[entry.package for entry in parsed.entries],
        dropped_ids={index: entry.package_id for index, entry in enumerate(parsed.entries) if entry.package is None},
        discards={index: entry.reason for index, entry in enumerate(parsed.entries) if entry.reason is not None},
        architecture=parsed.model.architecture,
        task=parsed.model.task,
        environment=environment,
        request=request,
        policy=policy,
        empty=ModelRetrievalError("The provider announces no packages for this model."),
    )


def negotiate_packages(
    packages: Sequence[Package],
    architecture: str,
    task: str | None,
    environment: Environment,
    request: NegotiationRequest | None = None,
    policy: Policy | None = None,
) -> Explanation:
    """Choose among parsed packages, given in wire order. Otherwise as ``negotiate``."""
    return _negotiate(
        packages=packages,
        dropped_ids={},
        discards={},
        architecture=architecture,
        task=task,
        environment=environment,
        request=request or NegotiationRequest(),
        policy=policy or Policy.for_client(),
        empty=_nothing_announced(),
    )


def _negotiate(
    packages: Sequence[Package | None],
    dropped_ids: Mapping[int, str | None],
    discards: dict[int, Reason],
    architecture: str,
    task: str | None,
    environment: Environment,
    request: NegotiationRequest,
    policy: Policy,
    empty: NegotiationError,
) -> Explanation:
    placed: list[Placed] = []
    attempts: list[Placed] = []
    error: NegotiationError | None = None
    try:
        question = ask(architecture, task, environment, request, policy)
        if not packages:
            raise empty
        placed = _placed(question, packages, discards)
        attempts = placed[: request.max_package_loading_attempts]
        if not attempts:
            raise NoModelPackagesAvailableError(
                "max_package_loading_attempts leaves no package to load. Raise it, or leave it out.",
                "zero_loading_attempts",
            )
    except NegotiationError as raised:
        error = raised
    return Explanation(policy.name, packages, dropped_ids, placed, discards, attempts, error)


def _placed(question: Question, packages: Sequence[Package | None], discards: dict[int, Reason]) -> list[Placed]:
    candidates = [Candidate(index, package) for index, package in enumerate(packages) if package is not None]
    if not candidates:
        raise _nothing_announced()
    if question.request.model_package_id is not None:
        return _unranked(question, _requested_by_id(question, candidates))
    for filter_candidates in FILTERS:
        candidates, discarded = filter_candidates(question, candidates)
        discards.update(discarded)
    if not candidates:
        raise NoModelPackagesAvailableError(_summary(discards))
    return rank(question, candidates)


def _unranked(question: Question, candidate: Candidate) -> list[Placed]:
    """The one package that was asked for by id, which competes with none and whose features nobody judged."""
    request = dataclasses.replace(question.request, nms_fusion_preferences=None)
    return rank(dataclasses.replace(question, request=request), [candidate])


def _requested_by_id(question: Question, candidates: Sequence[Candidate]) -> Candidate:
    """The package of the requested id. No filter applies to it but trust and capabilities."""
    request = question.request
    matches = [candidate for candidate in candidates if candidate.package.package_id == request.model_package_id]
    if not matches:
        raise NoModelPackagesAvailableError(
            "The model has no package of the requested id. Check model_package_id, or leave it out.",
            "package_id_not_found",
        )
    if len(matches) > 1:
        raise AmbiguousModelPackageResolutionError(
            f"{len(matches)} packages carry the requested id. That is a mistake of the provider."
        )
    package = matches[0].package
    if not package.trusted and not request.allow_untrusted_packages:
        raise NoModelPackagesAvailableError(
            "The requested package is not trusted. Have it trusted, or pass allow_untrusted_packages=True.",
            "package_id_untrusted",
        )
    if missing_capability(question, package.backend) is not None:
        raise NoModelPackagesAvailableError(
            "The requested package lacks a required capability. Drop the requirement, or request another.",
            "package_id_lacks_capability",
        )
    return matches[0]


def _nothing_announced() -> NoModelPackagesAvailableError:
    return NoModelPackagesAvailableError(
        "The model has no packages that can be read. Publish one.", "no_packages_announced"
    )


def _summary(discards: Mapping[int, Reason]) -> str:
    """What became of all packages, in one message: the most frequent reason first."""
    counts = Counter(reason.sentence for reason in discards.values())
    lines = (f"{count} x {sentence}" for sentence, count in counts.most_common())
    return "No package of the model can run here as requested.\n" + "\n".join(lines)
