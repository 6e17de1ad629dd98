"""What would be chosen, and why: for any machine, by the rules of the client or of this server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inference_app.error_pages import as_weighbridge_error
from inference_app.services.machines import KnownMachine, Origin
from inference_app.services.selection import PackageSet, Rules, packages_by_rules, server_request
from negotiation import Environment, Explanation, NegotiationRequest, negotiate
from packages_app.models import Package
from registry.models import Model


def put(
    packages: PackageSet,
    known: KnownMachine,
    request: NegotiationRequest,
    rules: Rules,
    *,
    device_is_open: bool = False,
) -> Explanation:
    """Negotiate for one machine. Errors of the negotiation are in the explanation.

    Where the request names no device it gets the one that the machine would take by itself, unless
    ``device_is_open`` says that none is meant.
    """
    environment = known.machine.environment
    if request.device is None and not device_is_open:
        request = with_device(request, known, rules)
    return negotiate(packages.parsed, environment, request, rules.policy)


def with_device(request: NegotiationRequest, known: KnownMachine, rules: Rules) -> NegotiationRequest:
    """The request with the device that the machine takes where none is named."""
    if request.device is not None:
        return request
    if rules is Rules.SERVER and known.origin is Origin.THIS_SERVER:
        return server_request(request)
    return replace(request, device=usual_device(known.machine.environment))


def usual_device(environment: Environment) -> str:
    """What the client's DEFAULT_DEVICE is where nobody set it: `cuda` if its torch sees CUDA, else `cpu`."""
    return "cuda" if environment.torch_available and environment.gpu_devices else "cpu"


@dataclass(frozen=True)
class Answer:
    """The answer to one question, with what it was asked about."""

    packages: PackageSet
    blocked: tuple[Package, ...]
    known: KnownMachine
    request: NegotiationRequest
    rules: Rules
    explanation: Explanation


def ask(
    model: Model,
    known: KnownMachine,
    request: NegotiationRequest,
    rules: Rules,
    *,
    device_is_open: bool = False,
) -> Answer:
    """Negotiate among the published packages of ``model``. That nothing is chosen is told in the explanation.

    Raises the NegotiationError of an argument that is not valid.
    """
    every = packages_by_rules(model)[rules]
    if not device_is_open:
        request = with_device(request, known, rules)
    blocked = every.blocked(request, rules)
    packages = every.without(blocked)
    explanation = put(packages, known, request, rules, device_is_open=True)
    if explanation.error is not None and as_weighbridge_error(explanation.error).status == 400:
        raise explanation.error
    passed_over = tuple(every.packages[index] for index in blocked)
    return Answer(packages, passed_over, known, request, rules, explanation)


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as a JSON object: survivors first, best first, then the others in the order of their ids."""
    explanation = answer.explanation
    keys = {ranked.position: ranked.key._asdict() for ranked in explanation.ranked}
    verdicts = sorted(explanation.verdicts, key=lambda verdict: (verdict.place is None, verdict.place or verdict.index))
    document = explanation.to_json()
    return {
        "rules": answer.rules.value,
        "policy": explanation.policy,
        "machine": {
            "name": answer.known.machine.name,
            "title": answer.known.machine.title,
            "origin": answer.known.origin.value,
        },
        "environment": answer.known.machine.environment.to_json(),
        "fingerprint": answer.known.machine.environment.fingerprint(),
        "request": answer.request.to_json(),
        "chosen": document["chosen"],
        "attempt_order": document["attempt_order"],
        "decided_by": document["decided_by"],
        "packages": [
            {
                "package_id": verdict.package_id,
                **package_head(answer.packages.packages[verdict.index]),
                "place": verdict.place,
                "above_next": verdict.above_next,
                "key": keys.get(verdict.index),
                "reason": None if verdict.reason is None else verdict.reason.to_json(),
            }
            for verdict in verdicts
        ],
        "set_aside": [
            {"package_id": package.package_id, "reason": package.failure.reason} for package in answer.blocked
        ],
        "error": document["error"],
    }


def package_head(package: Package) -> Mapping[str, Any]:
    """What tells packages of a model apart at a glance."""
    return {
        "backend": package.backend,
        "quantization": package.quantization,
        "dynamic_batch_size": package.dynamic_batch_size,
        "static_batch_size": package.static_batch_size,
        "trusted": package.trusted,
    }
