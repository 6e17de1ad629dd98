"""Ending a job, once and for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from jobs.kinds import find_kind
from jobs.models import Job, State
from jobs.models.job import ERROR_LENGTH
from registry.services.audit import Actor


class _NotOurs(Exception):
    """Rolls back what was done for a job that somebody else has ended meanwhile."""


def end(
    rows: QuerySet[Job],
    job: Job,
    state: State,
    *,
    result: Mapping[str, Any] | None = None,
    code: str = "",
    message: str = "",
    actor: Actor | None = None,
) -> bool:
    """Give ``job`` its last state if it is still among ``rows``, whatever it was read as; whether it was.

    A job that was not done is given up in the same transaction. Its object is locked before its row, as everywhere
    else, so that two never wait for each other.
    """
    kind = find_kind(job.kind)
    try:
        with transaction.atomic():
            if state != State.SUCCEEDED and kind is not None:
                kind.give_up(job, actor)
            ended = rows.filter(pk=job.pk).update(
                state=state,
                finished_at=timezone.now(),
                result=dict(result or {}),
                error_code=code,
                error_message=message[:ERROR_LENGTH],
                message="",
            )
            if not ended:
                raise _NotOurs
    except _NotOurs:
        return False
    return True
