"""Jobs as Celery knows them. A message only says that there is a job: the row decides whether it is run."""

from __future__ import annotations

import uuid

from celery import shared_task

from jobs.services import recovering, running


@shared_task
def run_job(job_id: str) -> None:
    """Run a job, unless somebody has begun with it: messages may come twice, late, or not at all."""
    job = running.claim(uuid.UUID(job_id))
    if job is not None:
        running.perform(job)


@shared_task
def look_after() -> None:
    """What died and what was not heard of; the schedule calls it once a minute."""
    recovering.recover()
    recovering.remind()
