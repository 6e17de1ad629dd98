"""A job as its readers get it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, QuerySet

from jobs.errors import JobNotFound
from jobs.models import Job
from registry.errors import HELP_PATH, TokenRequired, explanations
from registry.services.tokens import Identity


def visible_jobs(identity: Identity) -> QuerySet[Job]:
    """The jobs of the token's workspace, newest first. Raises TokenRequired and InsufficientScope.

    What jobs are about is seen by nobody else: packages that are not published, of public models too.
    """
    if identity.token is None:
        raise TokenRequired("Jobs are seen with an access token of their workspace.")
    identity.require("read")
    return Job.objects.filter(workspace_id=identity.token.workspace_id).select_related("workspace")


def find_job(job_id: uuid.UUID, identity: Identity) -> Job:
    """Raises JobNotFound, which is the same for a job that does not exist and for one of another workspace."""
    job = visible_jobs(identity).filter(pk=job_id).first()
    if job is None:
        raise JobNotFound
    return job


def describe_job(job: Job, base_url: str = "") -> dict[str, Any]:
    """As JSON has it. The error, where there is one, has the advice of its help page with it."""
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "state": job.state,
        "subject": job.subject,
        "object_id": job.object_id,
        "workspace": job.workspace.slug,
        "requested_by": job.requested_by,
        "progress": job.progress,
        "message": job.message,
        "attempts": job.attempts,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "heartbeat_at": job.heartbeat_at,
        "finished_at": job.finished_at,
        "result": job.result,
        "error": _error(job, base_url),
    }


def count_by_kind_and_state() -> dict[tuple[str, ...], float]:
    """How many jobs there are of each kind, in each state."""
    counted = Job.objects.order_by().values_list("kind", "state").annotate(number=Count("pk"))
    return {(kind, state): number for kind, state, number in counted}


def advice_about(job: Job) -> str:
    """What to do about the error of a job that failed; empty where there is none, or none is known."""
    explanation = explanations().get(job.error_code)
    return explanation.advice if explanation else ""


def _error(job: Job, base_url: str) -> dict[str, str] | None:
    if not job.error_code:
        return None
    return {
        "code": job.error_code,
        "message": job.error_message,
        "advice": advice_about(job),
        "help_url": f"{base_url}{HELP_PATH}{job.error_code}",
    }
