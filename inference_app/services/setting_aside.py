"""Packages that this server passes over, because they ended the model host too often."""

from __future__ import annotations

from django.db import transaction

from backends.host.strikes import DeathReport
from packages_app.models import Package, PackageFailure
from registry.services import audit
from registry.services.audit import Actor

HOST = Actor(name="model host")


def note_death(report: DeathReport) -> None:
    """Write down a package that reached the limit of strikes with this death of the host, if one did."""
    if report.set_aside is None:
        return
    # The host knows loaded models by package id, followed by `#...` where options differ from the usual.
    package_id = report.set_aside.partition("#")[0]
    package = Package.objects.filter(package_id=package_id).order_by("-pk").first()
    if package is None:
        return
    with transaction.atomic():
        PackageFailure.objects.update_or_create(package=package, defaults={"reason": report.reason[:500], "strikes": 3})
        audit.record("package.set-aside", package, actor=HOST, reason=report.reason)


def release(package: Package, *, actor: Actor) -> bool:
    """Give a package another chance. Returns whether it had been set aside."""
    # The host keeps its own book, so that it refuses the package even while the database is away.
    from inference_app.services import hosts

    with transaction.atomic():
        deleted, _ = PackageFailure.objects.filter(package=package).delete()
        if deleted:
            audit.record("package.released", package, actor=actor, workspace=package.model.workspace)
    hosts.client().release(package.package_id)
    return bool(deleted)
