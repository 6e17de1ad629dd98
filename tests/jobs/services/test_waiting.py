"""Waiting for a job: it is run by the one who waits where nobody else would."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from jobs import bell
from jobs.errors import JobCancelled, JobFailed
from jobs.models import State
from jobs.services import filing, notifying, running, waiting
from jobs.services.filing import Filed, file_job
from packages_app.errors import BlobUnavailable
from tests.job_queue import work_off

pytestmark = pytest.mark.django_db


def fail(run: running.Run) -> dict[str, Any]:
    raise BlobUnavailable("The store is away.")


def attended(alpha: Any) -> Filed:
    with transaction.atomic():
        return file_job("rehearsal", 1, "piece 1", alpha, attended=True)


def test_an_attended_job_is_run_at_once_and_says_what_it_does(rehearsal: Any, alpha: Any) -> None:
    told: list[str] = []
    rehearsal.work = lambda run: run.report("The first act.") or {"done": True}
    job = waiting.complete(attended(alpha), on_report=told.append)
    assert (job.state, job.result, told) == (State.SUCCEEDED, {"done": True}, ["The first act."])


def test_its_own_error_reaches_whoever_waits(rehearsal: Any, alpha: Any) -> None:
    rehearsal.work = fail
    with pytest.raises(BlobUnavailable):
        waiting.complete(attended(alpha))


def test_what_others_ran_is_told_all_the_same(make_job: Callable[..., Any], rehearsal: Any) -> None:
    done = make_job()
    work_off()
    assert waiting.complete(Filed(done)).state == State.SUCCEEDED
    rehearsal.work = fail
    failed, cancelled = make_job(), make_job()
    filing.cancel(cancelled)
    work_off()
    with pytest.raises(JobFailed, match="The store is away"):
        waiting.complete(Filed(failed))
    with pytest.raises(JobCancelled):
        waiting.complete(Filed(cancelled))


def test_one_that_nobody_begins_is_run_here(make_job: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is down, or has no workers."""
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.2)
    job = waiting.complete(Filed(make_job()))
    assert (job.state, job.is_attended) == (State.SUCCEEDED, True)


def test_one_that_somebody_runs_is_waited_for(
    transactional_db: None, make_job: Callable[..., Any], rehearsal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.1)
    told: list[str] = []

    def work(run: running.Run) -> dict[str, Any]:
        run.report("The long act.")
        threading.Event().wait(0.6)
        return {}

    rehearsal.work = work
    job = running.claim(make_job().pk)
    assert job is not None

    def perform() -> None:
        try:
            running.perform(job)
        finally:
            connection.close()

    other = threading.Thread(target=perform)
    other.start()
    found = waiting.complete(Filed(job), on_report=told.append)
    other.join()
    assert (found.state, found.is_attended, told) == (State.SUCCEEDED, False, ["The long act."])


def test_whether_somebody_works_is_known_from_the_broker_or_the_bell(settings: Any) -> None:
    assert not notifying.somebody_works_here()
    listener = bell.Bell()
    assert notifying.somebody_works_here()
    listener.close()
    assert not notifying.somebody_works_here()
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    assert notifying.somebody_works_here()
