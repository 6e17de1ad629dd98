"""Which package of a model is taken: what there is to choose from, what is passed over, and this server's own choice.

Questions about other machines (`what_if`) and the table of all machines (`compatibility`) rest on the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Self

from django.conf import settings

from backends.registry import implementations
from inference_app.services.environment import describe, newest_onnx, server_environment
from negotiation import Environment, Explanation, Implementation, NegotiationRequest, Policy, negotiate
from negotiation.manifests import BACKENDS
from negotiation.metadata import ParsedEntry, ParsedMetadata
from negotiation.onnx_releases import NEWEST_IR_VERSIONS, NEWEST_OPSETS
from negotiation.versions import major_minor
from negotiation.wire import METADATA_TYPE, parse_metadata
from packages_app.models import Package, State
from packages_app.services.announcing import dependencies_of
from packages_app.services.client_rules import content_id
from packages_app.services.completeness import effective_parameters
from packages_app.services.wire import package_entry
from registry.errors import NothingPublished
from registry.models import Model
from registry.services.lookups import ValuesLookup


class Rules(StrEnum):
    """Whose rules decide: those of the newest client that is known, or those of this server."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def policy(self) -> Policy:
        return Policy.for_client() if self is Rules.CLIENT else server_policy()


@dataclass(frozen=True)
class PackageSet:
    """Packages of a model in the order in which they are announced, as negotiation reads them.

    ``packages`` and ``parsed.entries`` have the same positions.
    """

    packages: tuple[Package, ...]
    parsed: ParsedMetadata

    def blocked(self, request: NegotiationRequest, rules: Rules) -> list[int]:
        """Positions of the packages that are passed over, because they are blocked on this server.

        None by the rules of clients, none where a package is asked for by its id, and none where no other is left.
        """
        if rules is Rules.CLIENT or request.model_package_id is not None:
            return []
        blocked = [index for index, package in enumerate(self.packages) if hasattr(package, "failure")]
        return blocked if len(blocked) < len(self.packages) else []

    def without(self, left_out: Iterable[int]) -> Self:
        """The set without the packages at these positions."""
        left_out = set(left_out)
        kept = [index for index in range(len(self.packages)) if index not in left_out]
        return replace(
            self,
            packages=tuple(self.packages[index] for index in kept),
            parsed=replace(self.parsed, entries=tuple(self.parsed.entries[index] for index in kept)),
        )


def published_packages(model: Model) -> PackageSet:
    """The published packages of ``model``, each under its own id, as this server knows them."""
    packages = Package.objects.filter(model=model, state=State.PUBLISHED).select_related("model", "failure")
    return _in_order_of_ids(model, [(package.package_id, package) for package in packages], Rules.SERVER)


def packages_by_rules(model: Model, *, with_drafts: bool = False) -> Mapping[Rules, PackageSet]:
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
    as_server = _in_order_of_ids(model, own, Rules.SERVER)
    dependencies = dependencies_of(model)
    passed_over = any(BACKENDS[package.backend].ignored_by_clients for _, package in own)
    if not dependencies.declarations and not passed_over:
        return {Rules.SERVER: as_server, Rules.CLIENT: as_server}
    announced = [(dependencies.announced_id(package_id), package) for package_id, package in own]
    return {Rules.SERVER: as_server, Rules.CLIENT: _in_order_of_ids(model, announced, Rules.CLIENT)}


def _in_order_of_ids(model: Model, packages: list[tuple[str, Package]], rules: Rules) -> PackageSet:
    packages = sorted(packages, key=lambda pair: (pair[0], pair[1].pk))
    document = {
        "type": METADATA_TYPE,
        "modelId": model.model_id,
        "modelArchitecture": model.architecture,
        "taskType": model.task_type,
        "modelPackages": [package_entry(package, [], announced_id=package_id) for package_id, package in packages],
    }
    parsed = parse_metadata(document, keep_ignored=rules is Rules.SERVER)
    rows = tuple(package for _, package in packages)
    entries = tuple(_with_what_is_not_announced(entry, row) for entry, row in zip(parsed.entries, rows, strict=True))
    return PackageSet(rows, replace(parsed, entries=entries))


def _with_what_is_not_announced(entry: ParsedEntry, row: Package) -> ParsedEntry:
    """What the wire does not carry and this server knows."""
    package = entry.package
    if package is None:
        return entry
    return replace(entry, package=replace(package, manifest=package.manifest.with_hidden(row.manifest_values)))


def _future_id(package: Package) -> str:
    """The id that a package of today's content would be published under."""
    return content_id(package, package.files.all(), effective_parameters(package))


@dataclass(frozen=True)
class Choice:
    """Packages that can run here, best first, and why. ``blocked`` were passed over by this server."""

    candidates: tuple[Package, ...]
    explanation: Explanation
    blocked: tuple[Package, ...]


@dataclass(frozen=True)
class Basis:
    """What a choice depends on: the machine, and each published package with whether it is blocked."""

    environment: str
    packages: tuple[tuple[int, bool], ...]


_PUBLISHED_AND_BLOCKED = ValuesLookup(
    lambda model: (
        Package.objects.filter(model_id=model, state=State.PUBLISHED).order_by("pk").values_list("pk", "failure")
    ),
    model=int,
)


def basis_of(model: Model) -> Basis:
    """What a choice for ``model`` depends on now: one small query, which every request makes."""
    rows = _PUBLISHED_AND_BLOCKED.all(model=model.pk)
    return Basis(describe()["fingerprint"], tuple((primary_key, failure is not None) for primary_key, failure in rows))


def choose(
    model: Model, request: NegotiationRequest | None = None, *, environment: Environment | None = None
) -> Choice:
    """Negotiate among the model's published packages for this machine, or for ``environment``.

    Blocked packages are passed over (`PackageSet.blocked`). Raises NothingPublished, and what `Explanation.or_raise`
    raises where nothing is left.
    """
    published = published_packages(model)
    if not published.packages:
        raise NothingPublished
    request = server_request(request)
    blocked = published.blocked(request, Rules.SERVER)
    left = published.without(blocked)
    explanation = negotiate(left.parsed, environment or server_environment(), request, server_policy())
    explanation.or_raise()
    by_id = {package.package_id: package for package in left.packages}
    candidates = tuple(by_id[name] for name in explanation.attempt_order)
    return Choice(candidates, explanation, tuple(published.packages[index] for index in blocked))


def server_policy() -> Policy:
    """What this server can run: the implementations that `backends` registers, and what its ONNX Runtime reads."""
    return _policy(*newest_onnx())


@lru_cache(maxsize=4)
def _policy(onnxruntime_version: str | None, opset: int | None, ir_version: int | None) -> Policy:
    """Of the runtime installed the trial counts; of others, which machines in a question may have, the tables."""
    opsets, ir_versions = dict(NEWEST_OPSETS), dict(NEWEST_IR_VERSIONS)
    if onnxruntime_version is not None:
        release = "{}.{}".format(*major_minor(onnxruntime_version))
        opsets |= {} if opset is None else {release: opset}
        ir_versions |= {} if ir_version is None else {release: ir_version}
    return Policy.for_server(
        [
            Implementation(
                architecture=entry.architecture,
                task=entry.task,
                backend=entry.backend,
                supported_features=frozenset(entry.supported_features),
                required_features=frozenset(entry.required_features),
            )
            for entry in implementations()
        ],
        onnx_opset_limits=opsets,
        # Every release reads what those before it read.
        onnx_opset_limit_of_other_releases=max(opsets.values()),
        onnx_ir_limits=ir_versions,
    )


def server_request(request: NegotiationRequest | None) -> NegotiationRequest:
    """The request with this server's device where it names none: some backends need to know it."""
    request = request or NegotiationRequest()
    return request if request.device is not None else replace(request, device=settings.MODEL_HOST_DEVICE)
