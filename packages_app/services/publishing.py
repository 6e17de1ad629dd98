"""What turns a package into something that clients find, and back.

Each function is one transaction with its rows of the audit trail inside. Who may do it is for callers to check.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from packages_app.errors import (
    AlreadyPublished,
    PackageIncomplete,
    PackageNotPublished,
    PackageNotReady,
    PackageNotWithdrawn,
)
from packages_app.models import Package, State
from packages_app.services.client_rules import content_id
from packages_app.services.completeness import Problem, effective_parameters, missing_dependency, problems, sentences
from packages_app.services.locking import lock, lock_unfrozen
from registry.models import Model
from registry.services import audit
from registry.services.audit import Actor

__all__ = [
    "Problem",
    "abandon_inspection",
    "mark_ready",
    "problems",
    "publish",
    "purge",
    "quarantine",
    "refuse_published_content",
    "release",
    "sentences",
    "set_trusted",
    "start_inspection",
    "withdraw",
]

REASON_LENGTH = 500


def start_inspection(package: Package, *, actor: Actor | None = None) -> Package:
    """Draft, ready or quarantined becomes inspecting. Raises PackageFrozen."""
    with transaction.atomic():
        lock_unfrozen(package)
        package.state = State.INSPECTING
        package.quarantine_reason = ""
        package.save(update_fields=["state", "quarantine_reason"])
        _record("package.inspection-started", package, actor, pk=package.pk)
    return package


def abandon_inspection(package: Package, *, actor: Actor | None = None) -> None:
    """Inspecting becomes a draft again; a package that is in another state by now stays in it."""
    with transaction.atomic():
        if Package.objects.filter(pk=package.pk, state=State.INSPECTING).update(state=State.DRAFT):
            package.state = State.DRAFT
            _record("package.inspection-abandoned", package, actor)


def mark_ready(package: Package, *, actor: Actor | None = None) -> Package:
    """Draft or inspecting becomes ready. Raises PackageIncomplete, PackageNotReady and PackageFrozen."""
    with transaction.atomic():
        lock_unfrozen(package)
        if package.state == State.READY:
            return package
        if package.state == State.QUARANTINED:
            raise PackageNotReady("The package is quarantined; release it first.")
        _require_complete(package)
        package.state = State.READY
        package.save(update_fields=["state"])
        _record("package.ready", package, actor)
    return package


def publish(package: Package, *, actor: Actor | None = None) -> Package:
    """Ready becomes published: the package gets its id, and nothing in it changes any more.

    The recommended parameters that hold now, the package's or else the model's, are copied into it: what
    clients see under an id never changes, whatever becomes of the model.

    Raises AlreadyPublished (also when a package with the same content is published under another row; the
    message names its id), PackageNotReady and PackageIncomplete.
    """
    with transaction.atomic():
        # The model is locked as well: its parameters and dependencies are read here.
        Model.objects.select_for_update().get(pk=package.model_id)
        lock(package)
        if package.is_frozen:
            raise AlreadyPublished(f"The package is {package.state} already, as {package.package_id}.")
        if package.state != State.READY:
            raise PackageNotReady(
                " ".join([f"The package is {package.get_state_display().lower()}, not ready.", *sentences(package)])
            )
        _require_complete(package)
        if (missing := missing_dependency(package)) is not None:
            raise PackageIncomplete(missing.sentence, details=[{"code": missing.code, "message": missing.sentence}])
        parameters = effective_parameters(package)
        package_id = refuse_published_content(package)
        try:
            with transaction.atomic():
                # Conditional, so that of two that publish at once one finds nothing to do.
                updated = Package.objects.filter(pk=package.pk, state=State.READY).update(
                    state=State.PUBLISHED,
                    package_id=package_id,
                    recommended_parameters=parameters,
                    published_at=timezone.now(),
                    published_by=(actor or audit.SYSTEM).name,
                )
        except IntegrityError as error:
            raise _published_as(package_id) from error
        if not updated:
            raise PackageNotReady("The package was changed at the same time.")
        package.refresh_from_db()
        _record("package.published", package, actor, trusted=package.trusted)
    return package


def refuse_published_content(package: Package) -> str:
    """The id that ``package`` would be published under now. Raises AlreadyPublished, with the id, if one is."""
    files = list(package.files.select_related("blob"))
    package_id = content_id(package, files, effective_parameters(package))
    if Package.objects.filter(package_id=package_id, state=State.PUBLISHED).exists():
        raise _published_as(package_id)
    return package_id


def withdraw(package: Package, *, actor: Actor | None = None, reason: str = "") -> Package:
    """Published becomes withdrawn: it is announced no more, and its download addresses stop working.

    Raises PackageNotPublished.
    """
    with transaction.atomic():
        lock(package)
        if package.state != State.PUBLISHED:
            raise PackageNotPublished(f"The package is {package.get_state_display().lower()}, not published.")
        package.state = State.WITHDRAWN
        package.withdrawn_at = timezone.now()
        package.withdrawn_by = (actor or audit.SYSTEM).name
        package.withdrawal_reason = reason[:REASON_LENGTH]
        package.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        _record("package.withdrawn", package, actor, reason=package.withdrawal_reason)
    return package


def purge(package: Package, *, actor: Actor | None = None) -> None:
    """Delete a withdrawn package. Blobs that nothing else uses are collected later. Raises PackageNotWithdrawn."""
    with transaction.atomic():
        lock(package)
        if package.state != State.WITHDRAWN:
            raise PackageNotWithdrawn(f"The package is {package.get_state_display().lower()}, not withdrawn.")
        _record("package.purged", package, actor)
        package.delete()


def set_trusted(package: Package, trusted: bool, *, actor: Actor | None = None) -> Package:
    """Say whether clients may load the package without being told to trust it. Raises PackageFrozen.

    It is part of what clients hold immutable: after publication it takes a new package.
    """
    with transaction.atomic():
        lock_unfrozen(package)
        if package.trusted != trusted:
            package.trusted = trusted
            package.save(update_fields=["trusted"])
            _record("package.trusted" if trusted else "package.distrusted", package, actor)
    return package


def quarantine(package: Package, reason: str, *, actor: Actor | None = None) -> Package:
    """Set a package aside that inspection or scanning refused. Raises PackageFrozen."""
    with transaction.atomic():
        lock_unfrozen(package)
        package.state = State.QUARANTINED
        package.quarantine_reason = reason[:REASON_LENGTH]
        package.save(update_fields=["state", "quarantine_reason"])
        _record("package.quarantined", package, actor, reason=package.quarantine_reason)
    return package


def release(package: Package, *, actor: Actor | None = None) -> Package:
    """Quarantined becomes a draft again, to be inspected anew. Raises PackageFrozen and PackageNotReady."""
    with transaction.atomic():
        lock_unfrozen(package)
        if package.state != State.QUARANTINED:
            raise PackageNotReady(f"The package is {package.get_state_display().lower()}, not quarantined.")
        package.state = State.DRAFT
        package.quarantine_reason = ""
        package.save(update_fields=["state", "quarantine_reason"])
        _record("package.released", package, actor)
    return package


def _published_as(package_id: str) -> AlreadyPublished:
    return AlreadyPublished(f"A package with the same content is published already, as {package_id}.")


def _require_complete(package: Package) -> None:
    found = problems(package)
    if found:
        raise PackageIncomplete(
            " ".join(problem.sentence for problem in found),
            details=[{"code": problem.code, "message": problem.sentence} for problem in found],
        )


def _record(action: str, package: Package, actor: Actor | None, **details: Any) -> None:
    details = {"model": package.model.model_id, **details}
    audit.record(action, package, actor=actor, workspace=package.model.workspace, **details)
