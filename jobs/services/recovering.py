"""Upkeep of jobs: those whose worker died, those that nobody heard of, and those that ended long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from jobs.errors import WorkerDied
from jobs.models import OPEN_STATES, Job, State
from jobs.services import notifying
from jobs.services.ending import end
from registry.services import audit

logger = structlog.get_logger("weighbridge.jobs")
# A job that ended its worker so often will end the next one too.
MOST_ATTEMPTS = 3
UNHEARD = timedelta(seconds=30)


@dataclass(frozen=True)
class Recovered:
    """How many jobs were queued again, and how many were given up."""

    queued: int
    given_up: int


def recover() -> Recovered:
    """Look for jobs that have shown no sign of life for a whole lease, and queue them again or give them up.

    Several may do it at once. The clocks of the machines must agree to within a part of the lease.
    """
    queued = given_up = 0
    silent = Job.objects.filter(
        state=State.RUNNING, heartbeat_at__lt=timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    )
    for job in silent.select_related("workspace"):
        # As it was read: a sign of life since then saves it.
        rows = Job.objects.filter(pk=job.pk, state=State.RUNNING, runner=job.runner, heartbeat_at=job.heartbeat_at)
        if job.is_attended or job.attempts >= MOST_ATTEMPTS:
            given_up += _give_up(job, rows)
        elif rows.update(state=State.QUEUED, runner="", heartbeat_at=None, progress=None, message=""):
            logger.warning("a job's worker died; it is queued again", job=str(job.pk), runner=job.runner)
            notifying.notify(job.pk)
            queued += 1
    return Recovered(queued, given_up)


def remind() -> int:
    """Send the messages of jobs that are still queued once more, where there is a broker; it may have lost them.

    Call it once a minute: each message is valid until the next one.
    """
    if not settings.BROKER_URL:
        return 0
    waiting = Job.objects.filter(state=State.QUEUED, created_at__lt=timezone.now() - UNHEARD)
    ids = list(waiting.order_by("created_at").values_list("pk", flat=True))
    for job_id in ids:
        notifying.notify(job_id, expires=60)
    return len(ids)


def sweep() -> int:
    """Delete the jobs that ended more than JOB_DAYS days ago, and return how many there were."""
    before = timezone.now() - timedelta(days=settings.JOB_DAYS)
    deleted, _ = Job.objects.exclude(state__in=OPEN_STATES).filter(finished_at__lt=before).delete()
    return deleted


def _give_up(job: Job, rows: QuerySet[Job]) -> bool:
    with transaction.atomic():
        ended = end(rows, job, State.FAILED, code=WorkerDied.code, message=WorkerDied.title)
        if ended:
            audit.record(
                "job.given-up", job, workspace=job.workspace, job=str(job.pk), attempts=job.attempts, kind=job.kind
            )
    return ended
