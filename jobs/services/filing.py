"""Asking for a job, and taking that back. Who may do it is for callers to check."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.errors import JobFinished, TooManyJobs
from jobs.models import OPEN_STATES, Job, State
from jobs.services import notifying
from jobs.services.ending import end
from jobs.services.running import new_runner
from registry.models import Workspace
from registry.services import audit
from registry.services.audit import Actor

RETRY_AFTER_SECONDS = 30


@dataclass(frozen=True)
class Filed:
    """A job that was asked for. ``runs_here``: it is this process that must run it now, and nobody else will."""

    job: Job
    runs_here: bool = False


def open_job(kind: str, object_id: int) -> Job | None:
    """The job of this kind that is queued or runs for the object."""
    return Job.objects.filter(kind=kind, object_id=object_id, state__in=OPEN_STATES).first()


def latest_job(kind: str, object_id: int) -> Job | None:
    """The job of this kind that was last asked for about the object."""
    return Job.objects.filter(kind=kind, object_id=object_id).order_by("-created_at").first()


def file_job(
    kind: str, object_id: int, subject: str, workspace: Workspace, *, actor: Actor | None = None, attended: bool = False
) -> Filed:
    """Ask for a job; one that is open for the same object is returned instead. Workers hear of it on commit.

    Call it in the transaction of what it follows from, with the object locked. ``attended``: it is never queued but
    runs from the beginning, in this process, which then calls `waiting.complete`. Raises TooManyJobs.
    """
    if (found := open_job(kind, object_id)) is not None:
        return Filed(found)
    actor = actor or audit.SYSTEM
    job = Job(
        kind=kind,
        object_id=object_id,
        subject=subject[:320],
        workspace=workspace,
        requested_by=actor.name[:255],
        user=actor.user,
    )
    if attended:
        now = timezone.now()
        job.state, job.runner, job.attempts, job.is_attended = State.RUNNING, new_runner(), 1, True
        job.started_at = job.heartbeat_at = now
    else:
        _require_room(workspace, actor)
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        # Somebody asked for it at the same moment, without the lock.
        if (found := open_job(kind, object_id)) is None:
            raise
        return Filed(found)
    if not attended:
        transaction.on_commit(partial(notifying.notify, job.pk))
    return Filed(job, runs_here=attended)


def cancel(job: Job, *, actor: Actor | None = None) -> Job:
    """End a job that is queued or runs. Whoever runs it notices within seconds, and ends what it has started.

    Raises JobFinished.
    """
    with transaction.atomic():
        if not end(Job.objects.filter(state__in=OPEN_STATES), job, State.CANCELLED, actor=actor):
            raise JobFinished
        audit.record("job.cancelled", job, actor=actor, workspace=job.workspace, job=str(job.pk))
    job.refresh_from_db()
    return job


def _require_room(workspace: Workspace, actor: Actor) -> None:
    """Counted under a lock on the workspace, so that two who ask at once cannot both be the last."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    queued = Job.objects.filter(state=State.QUEUED)
    if queued.filter(workspace=workspace).count() >= settings.MAX_QUEUED_JOBS:
        raise TooManyJobs("Too many jobs of this workspace are waiting.", retry_after=RETRY_AFTER_SECONDS)
    if actor.user is not None and queued.filter(user=actor.user).count() >= settings.MAX_QUEUED_JOBS_PER_USER:
        raise TooManyJobs("Too many jobs that you asked for are waiting.", retry_after=RETRY_AFTER_SECONDS)
