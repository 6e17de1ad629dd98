"""Waiting for a job, as commands do; and running it where nobody else would."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from jobs.errors import JobCancelled, JobFailed
from jobs.models import Job, State
from jobs.services.filing import Filed
from jobs.services.running import Interrupted, claim, perform

# So long may a queued job be left alone, by everybody, before whoever waits runs it.
PATIENCE_SECONDS = 5.0
SHORTEST_LOOK, LONGEST_LOOK = 0.1, 1.0


def complete(filed: Filed, *, on_report: Callable[[str], None] | None = None) -> Job:
    """Return when the job has been done. It is run here where it was filed so, or where nobody begins with it.

    Raises what stood in its way: JobCancelled; JobFailed, with the message of the error; or the error itself where it
    happened here. ``on_report`` is told what the job does.
    """
    job = filed.job
    if filed.runs_here:
        return _run_here(job, on_report)
    look, told, left_alone = SHORTEST_LOOK, "", time.monotonic()
    while True:
        found = Job.objects.filter(pk=job.pk).first()
        if found is None or found.state == State.CANCELLED:
            raise JobCancelled
        if found.state == State.FAILED:
            raise JobFailed(found.error_message)
        if found.state == State.SUCCEEDED:
            return found
        if on_report is not None and found.message not in ("", told):
            told = found.message
            on_report(told)
        if found.state == State.RUNNING or _somebody_is_busy():
            left_alone = time.monotonic()
        elif time.monotonic() - left_alone >= PATIENCE_SECONDS:
            claimed = claim(job.pk, attended=True)
            if claimed is not None:
                return _run_here(claimed, on_report)
        time.sleep(look)
        look = min(1.5 * look, LONGEST_LOOK)


def _run_here(job: Job, on_report: Callable[[str], None] | None) -> Job:
    error = perform(job, on_report=on_report)
    if isinstance(error, Interrupted):
        raise JobCancelled from error
    if error is not None:
        raise error
    job.refresh_from_db()
    return job


def _somebody_is_busy() -> bool:
    """Whether any job runs: whoever runs it will come to the next."""
    alive = timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    return Job.objects.filter(state=State.RUNNING, is_attended=False, heartbeat_at__gte=alive).exists()
