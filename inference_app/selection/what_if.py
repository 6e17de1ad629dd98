"""Putting a question of negotiation for any machine, by the rules of the client or of this server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from inference_app.error_pages import as_weighbridge_error
from inference_app.selection.choosing import server_policy, server_request
from inference_app.services.machines import KnownMachine, Origin
from negotiation import Environment, Explanation, NegotiationRequest, Policy, negotiate
from negotiation.metadata import ParsedEntry, ParsedMetadata
from negotiation.wire import METADATA_TYPE, parse_metadata
from packages_app.models import Package, State
from packages_app.services.announcing import dependencies_of
from packages_app.services.client_rules import content_id
from packages_app.services.completeness import effective_parameters
from packages_app.services.wire import manifest_values, package_entry
from registry.models import Model


class Rules(StrEnum):
    """Whose rules decide: those of the newest client that is known, or those of this server."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def policy(self) -> Policy:
        return Policy.for_client() if self is Rules.CLIENT else server_policy()


@dataclass(frozen=True)
class Roster:
    """Packages of a model in the order in which they are announced, as clients read them.

    ``packages`` and ``parsed.entries`` have the same positions.
    """

    packages: tuple[Package, ...]
    parsed: ParsedMetadata

    def without(self, left_out: Iterable[int]) -> Roster:
        """The roster without the packages at these positions."""
        left_out = set(left_out)
        kept = [index for index in range(len(self.packages)) if index not in left_out]
        return Roster(
            tuple(self.packages[index] for index in kept),
            replace(self.parsed, entries=tuple(self.parsed.entries[index] for index in kept)),
        )


def rosters(model: Model, *, with_drafts: bool = False) -> Mapping[Rules, Roster]:
    """The published packages of ``model``, and with ``with_drafts`` also those that are not published yet.

    Clients know the packages of a model with dependencies under ids that change with what it depends on; this
    server knows each by its own. A fixed number of queries, whatever the number of packages.
    """
    packages = Package.objects.filter(model=model).select_related("model", "failure")
    if with_drafts:
        packages = packages.exclude(state=State.WITHDRAWN).prefetch_related("files__blob")
    else:
        packages = packages.filter(state=State.PUBLISHED)
    own = [(package.package_id or _future_id(package), package) for package in packages]
    as_server = _in_order_of_ids(model, own)
    dependencies = dependencies_of(model)
    if not dependencies.declarations:
        return {Rules.SERVER: as_server, Rules.CLIENT: as_server}
    announced = [(dependencies.announced_id(package_id), package) for package_id, package in own]
    return {Rules.SERVER: as_server, Rules.CLIENT: _in_order_of_ids(model, announced)}


def _in_order_of_ids(model: Model, packages: list[tuple[str, Package]]) -> Roster:
    packages = sorted(packages, key=lambda pair: (pair[0], pair[1].pk))
    document = {
        "type": METADATA_TYPE,
        "modelId": model.model_id,
        "modelArchitecture": model.architecture,
        "taskType": model.task_type,
        "modelPackages": [package_entry(package, [], announced_id=package_id) for package_id, package in packages],
    }
    parsed = parse_metadata(document)
    rows = tuple(package for _, package in packages)
    entries = tuple(_with_what_is_not_announced(entry, row) for entry, row in zip(parsed.entries, rows, strict=True))
    return Roster(rows, replace(parsed, entries=entries))


def _with_what_is_not_announced(entry: ParsedEntry, row: Package) -> ParsedEntry:
    """What the wire does not carry and this server knows."""
    package = entry.package
    if package is None:
        return entry
    return replace(entry, package=replace(package, manifest=package.manifest.with_hidden(manifest_values(row))))


def _future_id(package: Package) -> str:
    """The id that a package of today's content would be published under."""
    return content_id(package, package.files.all(), effective_parameters(package))


def put(
    packages: Roster,
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


def set_aside(packages: Roster, request: NegotiationRequest) -> list[int]:
    """Positions of the packages that this server passes over, as `choosing.choose` does it."""
    if request.model_package_id is not None:
        return []
    aside = [index for index, package in enumerate(packages.packages) if hasattr(package, "failure")]
    return aside if len(aside) < len(packages.packages) else []


@dataclass(frozen=True)
class Answer:
    """The answer to one question, with what it was asked about."""

    packages: Roster
    set_aside: tuple[Package, ...]
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
    packages = rosters(model)[rules]
    if not device_is_open:
        request = with_device(request, known, rules)
    aside = set_aside(packages, request) if rules is Rules.SERVER else []
    left_out = tuple(packages.packages[index] for index in aside)
    packages = packages.without(aside)
    explanation = put(packages, known, request, rules, device_is_open=True)
    if explanation.error is not None and as_weighbridge_error(explanation.error).status == 400:
        raise explanation.error
    return Answer(packages, left_out, known, request, rules, explanation)


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
            {"package_id": package.package_id, "reason": package.failure.reason} for package in answer.set_aside
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
