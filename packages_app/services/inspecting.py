"""Inspecting a package: what the files prove is filled in, and must agree with what a curator typed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from jobs.errors import JobFinished
from jobs.kinds import Kind
from jobs.models import OPEN_STATES, Job
from jobs.services import filing, notifying, waiting
from jobs.services.running import Run
from packages_app.errors import PackageNotFound
from packages_app.models import Package, State
from packages_app.services import blobs, merging, publishing, trials
from packages_app.services.child import run_child
from packages_app.services.locking import lock_unfrozen
from registry.services.audit import Actor

logger = structlog.get_logger("weighbridge.inspection")

MEMORY_BYTES = 6 * 1024**3
SECONDS = 120
KIND = "inspection"


def enqueue(package: Package, *, actor: Actor | None = None) -> Job:
    """Ask for an inspection, and return its job, or the one that is open and about the same content.

    It reads the files, fills in what they prove, and makes the package ready if nothing is missing. A file that is
    damaged, or that ends the inspection, quarantines the package. Where a typed value and a file disagree, the package
    stays a draft and `publishing.problems` says so. If nothing is missing it is tried (`trials`), and what fails there
    is quarantined too. If the files cannot be read, now, it is a draft again, and the job has failed.

    Raises PackageFrozen, PackageNotFound and TooManyJobs.
    """
    return _file(package, actor, attended=False).job


def inspect(package: Package, *, actor: Actor | None = None, on_report: Callable[[str], None] | None = None) -> Package:
    """As `enqueue`, and wait for what comes of it; it is run here where nobody else would.

    ``on_report`` is told what is done. Raises as well what the store raises, JobFailed and JobCancelled.
    """
    filed = _file(package, actor, attended=not notifying.somebody_works_here())
    waiting.complete(filed, on_report=on_report)
    return _find(package.pk)


def _file(package: Package, actor: Actor | None, *, attended: bool) -> filing.Filed:
    with transaction.atomic():
        lock_unfrozen(package)
        found = filing.open_job(KIND, package.pk)
        if found is not None and package.state == State.INSPECTING:
            return filing.Filed(found)
        if found is not None:
            # The package was changed since: what that one finds is no longer about it.
            with suppress(JobFinished):
                filing.cancel(found, actor=actor)
        publishing.start_inspection(package, actor=actor)
        model = package.model
        return filing.file_job(
            KIND, package.pk, f"{model.model_id}, {package}", model.workspace, actor=actor, attended=attended
        )


def abandon_left_behind() -> int:
    """Make drafts again of packages that count as being inspected and are not, and return how many that were.

    There are none unless something outside of these services has changed a row.
    """
    inspected = Job.objects.filter(kind=KIND, state__in=OPEN_STATES).values("object_id")
    abandoned = 0
    for package in Package.objects.filter(state=State.INSPECTING).exclude(pk__in=inspected):
        with transaction.atomic():
            lock_unfrozen(package)
            if filing.open_job(KIND, package.pk) is None:
                publishing.abandon_inspection(package)
                abandoned += 1
    return abandoned


def set_trusted(package: Package, trusted: bool, *, actor: Actor | None = None) -> Package:
    """`publishing.set_trusted`; for a package that was not tried for want of trust an inspection is asked for.

    Raises PackageFrozen and TooManyJobs.
    """
    with transaction.atomic():
        publishing.set_trusted(package, trusted, actor=actor)
        if trusted and trials.awaits_trust(package):
            # Not ready meanwhile: nobody shall publish it before the end of its trial.
            enqueue(package, actor=actor)
    return package


def _run(run: Run) -> dict[str, Any]:
    package = _find(run.job.object_id)
    if package.state == State.INSPECTING:
        package = _examine(package, Actor(name=run.job.requested_by, user=run.job.user), run)
    return {"package_state": package.state, "reason": package.quarantine_reason}


def _give_up(job: Job, actor: Actor | None) -> None:
    package = Package.objects.select_related("model__workspace").filter(pk=job.object_id).first()
    if package is not None:
        publishing.abandon_inspection(package, actor=actor)


def _page(job: Job) -> str:
    return reverse("admin:packages_app_package_change", args=[job.object_id])


JOB = Kind(KIND, "Inspection", run=_run, give_up=_give_up, page=_page)


def _examine(package: Package, actor: Actor, run: Run) -> Package:
    """An inspection that was started, to its end."""
    files = _content(package)
    run.report("The files are read.", 0.0)
    try:
        facts = _facts_in_child(package, run)
    except InspectionFailed as failure:
        with transaction.atomic():
            package = _locked(package, run)
            return publishing.quarantine(package, str(failure), actor=actor)
    with transaction.atomic():
        package = _locked(package, run)
        if package.state != State.INSPECTING or _content(package) != files:
            # Somebody changed the package meanwhile, and perhaps has it inspected already: what was found is no
            # longer about it.
            return package
        package.inspection = {"facts": facts, "problems": [*facts.get("gaps", ()), *merging.merge(package, facts)]}
        refusals = facts.get("problems")
        complete = not refusals and not publishing.problems(package)
        if not complete:
            package.state = State.DRAFT
        package.save()
        if refusals:
            return publishing.quarantine(package, " ".join(refusals), actor=actor)
    return _try(package, actor, run) if complete else package


def _try(package: Package, actor: Actor, run: Run) -> Package:
    """The trial of a package that is being inspected, in which nothing else is missing."""
    files, found = _content(package), package.inspection
    run.report("The package is loaded and run once.", 0.5)
    trial = trials.run(package, run.is_interrupted)
    run.check()
    with transaction.atomic():
        package = _locked(package, run)
        if package.state != State.INSPECTING or package.inspection != found or _content(package) != files:
            return package
        package.inspection = {**found, "trial": trial}
        package.state = State.DRAFT
        package.save(update_fields=["inspection", "state"])
        if trial["outcome"] == trials.FAILED:
            return publishing.quarantine(package, trial["reason"], actor=actor)
        if not publishing.problems(package):
            return publishing.mark_ready(package, actor=actor)
    return package


def _find(pk: int) -> Package:
    try:
        return Package.objects.select_related("model__workspace").get(pk=pk)
    except Package.DoesNotExist as error:
        raise PackageNotFound from error


def _locked(package: Package, run: Run) -> Package:
    """The package as it is now. Nobody changes it, or takes the inspection away, until the transaction ends."""
    found = Package.objects.select_for_update().filter(pk=package.pk).first()
    if found is None:
        raise PackageNotFound
    run.hold()
    return found


def notices(package: Package) -> list[str]:
    """What the last inspection has to say to whoever decides whether to trust the package, a sentence each."""
    return list(package.inspection.get("facts", {}).get("notices", []))


class InspectionFailed(Exception):
    """The inspection could not be done; its message is the reason that the curator reads."""


def _content(package: Package) -> set[tuple[str, str]]:
    return set(package.files.values_list("handle", "blob_id"))


def _facts_in_child(package: Package, run: Run) -> dict[str, Any]:
    with ExitStack() as stack:
        files = _local_files(package, stack)
        request = {
            "backend": package.backend,
            "architecture": package.model.architecture,
            "task": package.model.task_type,
            "features": sorted(package.model_features or {}),
            "files": files,
            "memory_bytes": MEMORY_BYTES,
            "cpu_seconds": SECONDS,
        }
        try:
            finished = run_child(  # our own module, arguments fixed
                [sys.executable, "-m", "packages_app.inspection"],
                json.dumps(request, allow_nan=False).encode(),
                seconds=SECONDS + 30,
                check=run.check,
                cwd=settings.BASE_DIR,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(settings.BASE_DIR)},
            )
        except subprocess.TimeoutExpired as error:
            raise InspectionFailed("The inspection of the files did not end in time.") from error
    if finished.returncode != 0:
        logger.warning("inspection failed", package=package.pk, stderr=finished.stderr[-2000:].decode(errors="replace"))
        raise InspectionFailed("The files ended the process that inspected them.")
    # PostgreSQL keeps no NUL, and names in files may hold one.
    facts: dict[str, Any] = json.loads(finished.stdout.replace(b"\\u0000", b"\\ufffd"))
    return facts


def _local_files(package: Package, stack: ExitStack) -> dict[str, str]:
    """Where the bytes of each handle lie on this machine; those of an object store are fetched first."""
    files = {}
    directory: Path | None = None
    for number, file in enumerate(package.files.select_related("blob")):
        path = blobs.local_path(file.blob)
        if path is None:
            if directory is None:
                directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=settings.STAGING_ROOT)))
            path = directory / str(number)
            with blobs.open_blob(file.blob) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, 1024 * 1024)
        files[file.handle] = str(path)
    return files
