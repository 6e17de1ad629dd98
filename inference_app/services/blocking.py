"""Packages that this server passes over, because they ended the model host too often, or could not be prepared.

`hosts` unblocks them. The host keeps a file of its own, so that it refuses a package even while the database is away.
"""

from __future__ import annotations

from django.db import transaction

from backends.host.process.crash_policy import CrashReport
from backends.host.settings import HostSettings
from packages_app.models import Package, PackageFailure, State
from registry.services import audit
from registry.services.audit import Actor

HOST = Actor(name="model host")


def note_crash(report: CrashReport) -> None:
    """Write down a package that was blocked with this crash of the host, if one was."""
    if report.blocked is None:
        return
    # Of those that share an id at most one is published, and only that one could run again.
    published = Package.objects.filter(package_id=report.blocked, state=State.PUBLISHED)
    package = published.select_related("model__workspace").first()
    if package is None:
        return
    _write_down(package, report.reason, HostSettings.crash_limit)


def note_refusal(package: Package, reason: str) -> None:
    """Write down a package that the host blocked by itself, where that is not known yet: it wrote off its load, say."""
    if not PackageFailure.objects.filter(package=package).exists():
        _write_down(package, reason, 0)


def note_unblocked(package: Package, *, refused: bool, actor: Actor) -> bool:
    """Forget the failure of a package; ``refused`` says whether the host refused it. Returns whether it was blocked."""
    with transaction.atomic():
        deleted, _ = PackageFailure.objects.filter(package=package).delete()
        blocked = bool(deleted) or refused
        if blocked:
            audit.record("package.released", package, actor=actor, workspace=package.model.workspace)
    return blocked


def _write_down(package: Package, reason: str, crashes: int) -> None:
    failure = {"reason": reason[:500], "strikes": crashes}
    with transaction.atomic():
        PackageFailure.objects.update_or_create(package=package, defaults=failure)
        audit.record("package.set-aside", package, actor=HOST, workspace=package.model.workspace, reason=reason)
