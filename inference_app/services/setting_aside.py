"""Packages that this server passes over, because they ended the model host too often, or their loads never end."""

from __future__ import annotations

from django.db import transaction

from backends.host.process.crash_policy import CrashReport
from backends.host.settings import HostSettings
from packages_app.models import Package, PackageFailure, State
from registry.services import audit
from registry.services.audit import Actor

HOST = Actor(name="model host")


def note_death(report: CrashReport) -> None:
    """Write down a package that reached the limit of strikes with this death of the host, if one did."""
    if report.set_aside is None:
        return
    # Of those that share an id at most one is published, and only that one could run again.
    published = Package.objects.filter(package_id=report.set_aside, state=State.PUBLISHED)
    package = published.select_related("model__workspace").first()
    if package is None:
        return
    _write_down(package, report.reason, HostSettings.strikes)


def note_refusal(package: Package, reason: str) -> None:
    """Write down a package that the host refuses, where that is not known yet: it wrote off its load, say."""
    if not PackageFailure.objects.filter(package=package).exists():
        _write_down(package, reason, 0)


def _write_down(package: Package, reason: str, strikes: int) -> None:
    failure = {"reason": reason[:500], "strikes": strikes}
    with transaction.atomic():
        PackageFailure.objects.update_or_create(package=package, defaults=failure)
        audit.record("package.set-aside", package, actor=HOST, workspace=package.model.workspace, reason=reason)


def release(package: Package, *, actor: Actor) -> bool:
    """Give a package another chance. Returns whether it had been set aside.

    Raises the errors of a host that does not answer; then nothing has changed in the database.
    """
    # `hosts` calls `note_death`.
    from inference_app.services import hosts

    # The host keeps a book of its own, so that it refuses the package even while the database is away.
    refused = package.package_id in hosts.book().read().aside
    hosts.release(package.package_id)
    with transaction.atomic():
        deleted, _ = PackageFailure.objects.filter(package=package).delete()
        if deleted or refused:
            audit.record("package.released", package, actor=actor, workspace=package.model.workspace)
    return bool(deleted) or refused
