"""Choosing the package that this server runs for a model, and explaining the choice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from django.conf import settings
from django.db import connection

from backends.registry import implementations
from inference_app.services.environment import describe, newest_onnx, server_environment
from negotiation import Environment, Explanation, Implementation, NegotiationRequest, Policy, negotiate_packages
from negotiation.onnx_releases import NEWEST_IR_VERSIONS, NEWEST_OPSETS
from negotiation.package import Package as NegotiationPackage
from negotiation.versions import major_minor
from packages_app.models import Package, State
from packages_app.services.wire import negotiation_package
from registry.errors import NothingPublished
from registry.models import Model


@dataclass(frozen=True)
class Choice:
    """Packages that can run here, best first, and why. ``set_aside`` were passed over by this server."""

    candidates: tuple[Package, ...]
    explanation: Explanation
    set_aside: tuple[Package, ...]


@dataclass(frozen=True)
class Basis:
    """What a choice depends on: the machine, and each published package with whether it is set aside."""

    environment: str
    packages: tuple[tuple[int, bool], ...]


def basis_of(model: Model) -> Basis:
    """What a choice for ``model`` depends on now; one small query, written by hand since every request makes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT package.id, failure.id FROM packages_app_package package "
            "LEFT JOIN packages_app_packagefailure failure ON failure.package_id = package.id "
            "WHERE package.model_id = %s AND package.state = 'published' ORDER BY package.id",
            [model.pk],
        )
        packages = tuple((primary_key, failure is not None) for primary_key, failure in cursor.fetchall())
    return Basis(describe()["fingerprint"], packages)


def published_packages(model: Model) -> list[Package]:
    """The model's published packages in the order in which the provider API announces them."""
    return list(
        Package.objects.filter(model=model, state=State.PUBLISHED)
        .select_related("model", "failure")
        .order_by("package_id")
    )


def choose(
    model: Model, request: NegotiationRequest | None = None, *, environment: Environment | None = None
) -> Choice:
    """Negotiate among the model's published packages for this machine, or for ``environment``.

    Packages that were set aside because they ended the model host are left out, unless one is asked for by
    id. Raises NothingPublished, and what `Explanation.or_raise` raises where nothing is left.
    """
    packages = published_packages(model)
    if not packages:
        raise NothingPublished
    request = server_request(request)
    aside = [package for package in packages if hasattr(package, "failure")]
    if request.model_package_id is None:
        packages = [package for package in packages if package not in aside] or packages
    explanation = explain(packages, model, environment or server_environment(), request, server_policy())
    explanation.or_raise()
    by_id = {package.package_id: package for package in packages}
    return Choice(tuple(by_id[name] for name in explanation.attempt_order), explanation, tuple(aside))


def explain(
    packages: list[Package], model: Model, environment: Environment, request: NegotiationRequest, policy: Policy
) -> Explanation:
    """Negotiate among ``packages``, given in wire order, without raising."""
    return negotiate_packages(
        [_parsed(package) for package in packages], model.architecture, model.task_type, environment, request, policy
    )


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


@lru_cache(maxsize=4096)
def _parsed_published(package_id: str, primary_key: int) -> NegotiationPackage:
    return negotiation_package(Package.objects.get(pk=primary_key))


def _parsed(package: Package) -> NegotiationPackage:
    """Published packages never change, so that each is parsed once."""
    return _parsed_published(package.package_id, package.pk)
