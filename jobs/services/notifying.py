"""Telling workers that there is a job. Nothing depends on it: what gets lost is found in the table later."""

from __future__ import annotations

import uuid

import structlog
from celery import current_app
from django.conf import settings

from jobs import bell

logger = structlog.get_logger("weighbridge.jobs")
TASK = "jobs.tasks.run_job"


def notify(job_id: uuid.UUID, *, expires: float | None = None) -> None:
    """Call it once the row is committed. A broker that does not answer is logged, and raises nothing.

    ``expires``: the seconds after which the message is of no use any more, because the next one will have been sent.
    """
    if not settings.BROKER_URL:
        bell.ring()
        return
    try:
        # Not tried again here: whoever asks for a job does not wait for a broker that is away.
        current_app.send_task(TASK, args=[str(job_id)], expires=expires, retry=False)
    except Exception as error:
        # Each transport has errors of its own.
        logger.warning("the broker did not take a job; it is sent again later", job=str(job_id), reason=str(error))


def somebody_works_here() -> bool:
    """Whether jobs are run by somebody else: by workers behind a broker, or by a worker of this machine."""
    return bool(settings.BROKER_URL) or bell.somebody_listens()
