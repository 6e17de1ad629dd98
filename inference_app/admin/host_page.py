"""What the page of the model host shows: the state of the host, cut to what the person may see.

The host works for all workspaces. Those who do not administer a workspace see how much memory its models take,
and neither their names nor anything to press.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from backends.errors import BackendError
from inference_app.services import hosts
from packages_app.models import Package, PackageFailure, State
from registry.admin.roles import Role, may

DEATHS_SHOWN = 10


@dataclass(frozen=True)
class Memory:
    """Bytes. ``used`` is what models and their work take of ``budget``, beside what the ``empty`` host takes."""

    resident: int
    empty: int
    used: int
    budget: int


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory. ``package`` is None where it belongs to a workspace that the person does not administer."""

    package: Package | None
    bytes: int
    pinned: bool
    in_flight: int
    requests: int
    last_used: datetime
    load_ms: float


@dataclass(frozen=True)
class SetAside:
    """A package that this server passes over. ``since`` is None where only the host's own book has it."""

    package: Package
    reason: str
    since: datetime | None


@dataclass(frozen=True)
class Death:
    """One death of the host. ``others`` counts packages that were at work and are not the person's to see."""

    when: datetime
    reason: str
    packages: list[Package]
    others: int
    set_aside: Package | None


@dataclass(frozen=True)
class HostPage:
    """``trouble`` is a sentence where the host runs and does not say how it is."""

    device: str
    running: bool
    trouble: str
    facts: list[tuple[str, str]]
    memory: Memory | None
    models: list[LoadedModel]
    set_aside: list[SetAside]
    deaths: list[Death]


def describe(request: HttpRequest) -> HostPage:
    """Ask the host, its book and the database; two queries. Starts no host and raises none of its errors."""
    running, trouble, status = hosts.is_running(), "", None
    try:
        status = hosts.status() if running else None
    except BackendError as error:
        trouble = error.message
    book = hosts.book()
    refused, deaths = book.read().aside, book.deaths()[-DEATHS_SHOWN:]
    models = status["models"] if status else []
    named = {model["package_id"] for model in models} | set(refused)
    named |= {name for death in deaths for name in death["packages"]}
    seen = _packages(request, named)
    return HostPage(
        device=settings.MODEL_HOST_DEVICE,
        running=running,
        trouble=trouble,
        facts=_facts(status) if status else [],
        memory=_memory(status["memory"]) if status else None,
        models=[_loaded_model(model, seen) for model in models],
        set_aside=_set_aside(request, refused, seen),
        deaths=[_death(death, seen) for death in reversed(deaths)],
    )


def _packages(request: HttpRequest, package_ids: Collection[str]) -> dict[str, Package]:
    """The packages with these ids that the person administers; of several with one id the published one."""
    found = Package.objects.filter(package_id__in=package_ids).select_related("model")
    # The last of one key stays.
    ordered = sorted(found, key=lambda package: package.state == State.PUBLISHED)
    return {package.package_id: package for package in ordered if _may_manage(request, package)}


def _may_manage(request: HttpRequest, package: Package) -> bool:
    return may(request, Role.ADMIN, package.model.workspace_id)


def _facts(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    slots = status["slots"]
    return [
        ("Process id", str(status["pid"])),
        ("Running since", f"{_time(status['started']):%Y-%m-%d %H:%M:%S} UTC"),
        ("Python", str(status["python"])),
        ("Runs at once", f"{slots['busy']} of {slots['count']}"),
        ("Waiting", str(slots["waiting"])),
        ("Calls since its start", f"{status['requests']}, {status['errors']} of them refused"),
        ("Models closed to make room", str(status["evictions"])),
    ]


def _memory(memory: Mapping[str, int]) -> Memory:
    return Memory(
        resident=memory["measured"], empty=memory["base"], used=max(0, memory["used"]), budget=memory["budget"]
    )


def _loaded_model(model: Mapping[str, Any], seen: Mapping[str, Package]) -> LoadedModel:
    return LoadedModel(
        package=seen.get(model["package_id"]),
        bytes=model["bytes"],
        pinned=model["pinned"],
        in_flight=model["held"],
        requests=model["requests"],
        last_used=_time(model["last_used"]),
        load_ms=model["load_ms"],
    )


def _set_aside(request: HttpRequest, refused: Mapping[str, str], seen: Mapping[str, Package]) -> list[SetAside]:
    """From the database, and after them those that only the host refuses: it may know more while a database is away."""
    failures = PackageFailure.objects.select_related("package__model").order_by("-set_aside_at")
    rows = [
        SetAside(failure.package, failure.reason, failure.set_aside_at)
        for failure in failures
        if _may_manage(request, failure.package)
    ]
    known = {row.package.package_id for row in rows}
    return rows + [
        SetAside(seen[package_id], reason, None)
        for package_id, reason in refused.items()
        if package_id in seen and package_id not in known
    ]


def _death(death: Mapping[str, Any], seen: Mapping[str, Package]) -> Death:
    names: Iterable[str] = [name for name in death["packages"] if name]
    packages = [seen[name] for name in names if name in seen]
    return Death(
        when=_time(death["time"]),
        reason=death["reason"],
        packages=packages,
        others=sum(name not in seen for name in names),
        set_aside=seen.get(death["set_aside"] or ""),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
