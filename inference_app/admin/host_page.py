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

CRASHES_SHOWN = 10


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
class Blocked:
    """A package that this server passes over. ``since`` is None where only the host's own file has it."""

    package: Package
    reason: str
    since: datetime | None


@dataclass(frozen=True)
class Crash:
    """One crash of the host. ``others`` counts packages that were at work and are not the person's to see."""

    when: datetime
    reason: str
    packages: list[Package]
    others: int
    blocked: Package | None


@dataclass(frozen=True)
class HostPage:
    """``trouble`` is a sentence where the host runs and does not say how it is."""

    device: str
    running: bool
    trouble: str
    facts: list[tuple[str, str]]
    memory: Memory | None
    models: list[LoadedModel]
    blocked: list[Blocked]
    crashes: list[Crash]


def describe(request: HttpRequest) -> HostPage:
    """Ask the host, its file and the database; two queries. Starts no host and raises none of its errors."""
    running, trouble, status = hosts.is_running(), "", None
    try:
        status = hosts.status() if running else None
    except BackendError as error:
        trouble = error.message
    log = hosts.crash_log()
    refused, crashes = log.read().blocked, log.reports()[-CRASHES_SHOWN:]
    models = status["models"] if status else []
    named = {model["package_id"] for model in models} | set(refused)
    named |= {name for crash in crashes for name in crash["packages"]}
    seen = _packages(request, named)
    return HostPage(
        device=settings.MODEL_HOST_DEVICE,
        running=running,
        trouble=trouble,
        facts=_facts(status) if status else [],
        memory=_memory(status["memory"]) if status else None,
        models=[_loaded_model(model, seen) for model in models],
        blocked=_blocked(request, refused, seen),
        crashes=[_crash(crash, seen) for crash in reversed(crashes)],
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
    runs = status["runs"]
    return [
        ("Process id", str(status["pid"])),
        ("Running since", f"{_time(status['started']):%Y-%m-%d %H:%M:%S} UTC"),
        ("Python", str(status["python"])),
        ("Runs at once", f"{runs['busy']} of {runs['at_once']}"),
        ("Waiting", str(runs["waiting"])),
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


def _blocked(request: HttpRequest, refused: Mapping[str, str], seen: Mapping[str, Package]) -> list[Blocked]:
    """From the database, and after them those that only the host refuses: it may know more while a database is away."""
    failures = PackageFailure.objects.select_related("package__model").order_by("-set_aside_at")
    rows = [
        Blocked(failure.package, failure.reason, failure.set_aside_at)
        for failure in failures
        if _may_manage(request, failure.package)
    ]
    known = {row.package.package_id for row in rows}
    return rows + [
        Blocked(seen[package_id], reason, None)
        for package_id, reason in refused.items()
        if package_id in seen and package_id not in known
    ]


def _crash(crash: Mapping[str, Any], seen: Mapping[str, Package]) -> Crash:
    names: Iterable[str] = [name for name in crash["packages"] if name]
    packages = [seen[name] for name in names if name in seen]
    return Crash(
        when=_time(crash["time"]),
        reason=crash["reason"],
        packages=packages,
        others=sum(name not in seen for name in names),
        blocked=seen.get(crash["blocked"] or ""),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
