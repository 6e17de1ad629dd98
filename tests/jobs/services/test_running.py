"""Claiming, running and ending jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from jobs.models import Job, State
from jobs.services import filing, running
from jobs.services.running import Interrupted, Run
from packages_app.errors import BlobUnavailable
from tests.job_queue import work_off

pytestmark = pytest.mark.django_db


def test_what_a_job_returns_is_its_result(make_job: Callable[..., Any], rehearsal: Any) -> None:
    rehearsal.work = lambda run: {"pieces": 3}
    job = make_job()
    work_off()
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts) == (State.SUCCEEDED, {"pieces": 3}, 1)
    assert job.created_at <= job.started_at <= job.finished_at
    assert rehearsal.given_up == []


def test_an_error_of_ours_is_told_with_its_code(make_job: Callable[..., Any], rehearsal: Any) -> None:
    def fail(run: Run) -> dict[str, Any]:
        raise BlobUnavailable("The store is away.")

    rehearsal.work = fail
    job = make_job()
    work_off()
    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_message) == (State.FAILED, "blob-unavailable", "The store is away.")
    assert rehearsal.given_up == [job.pk]


def test_of_an_unexpected_error_nothing_gets_out(make_job: Callable[..., Any], rehearsal: Any, server_log: Any) -> None:
    def fail(run: Run) -> dict[str, Any]:
        raise ValueError("/a/secret/path")

    rehearsal.work = fail
    job = make_job()
    work_off()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (State.FAILED, "internal-error")
    assert "secret" not in job.error_message
    assert "/a/secret/path" in server_log.getvalue()


def test_it_says_how_far_it_is(make_job: Callable[..., Any], rehearsal: Any) -> None:
    seen = []

    def work(run: Run) -> dict[str, Any]:
        run.report("The second act.", 0.5)
        row = Job.objects.get(pk=run.job.pk)
        seen.append((row.state, row.message, row.progress))
        return {}

    rehearsal.work = work
    make_job()
    work_off()
    assert seen == [(State.RUNNING, "The second act.", 0.5)]


def test_the_oldest_comes_first(make_job: Callable[..., Any], rehearsal: Any) -> None:
    order: list[int] = []
    rehearsal.work = lambda run: order.append(run.job.object_id) or {}
    for number in (3, 1, 2):
        make_job(number)
    work_off()
    assert order == [3, 1, 2]


def test_a_job_of_a_kind_that_this_revision_does_not_know_is_left_alone(make_job: Callable[..., Any]) -> None:
    job = make_job()
    Job.objects.filter(pk=job.pk).update(kind="unheard-of")
    assert work_off() == 0
    assert Job.objects.get().state == State.QUEUED


def test_a_message_that_comes_twice_runs_the_job_once(make_job: Callable[..., Any], rehearsal: Any) -> None:
    from jobs.tasks import run_job

    ran: list[Any] = []
    rehearsal.work = lambda run: ran.append(run.job.pk) or {}
    job = make_job()
    run_job(str(job.pk))
    run_job(str(job.pk))
    assert ran == [job.pk]


def test_of_several_workers_one_gets_the_job(transactional_db: None, make_job: Callable[..., Any]) -> None:
    job = make_job()
    together = threading.Barrier(8)

    def claim() -> bool:
        try:
            connection.ensure_connection()
            together.wait()
            return running.claim(job.pk) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claims = [pool.submit(claim) for _ in range(8)]
        assert [claimed.result() for claimed in claims].count(True) == 1


def test_signs_of_life_come_while_it_works(
    transactional_db: None, make_job: Callable[..., Any], rehearsal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.02)
    long_ago = timezone.now() - timedelta(hours=1)

    def work(run: Run) -> dict[str, Any]:
        Job.objects.update(heartbeat_at=long_ago)
        for _ in range(500):
            if Job.objects.get().heartbeat_at != long_ago:
                return {"alive": True}
            threading.Event().wait(0.02)
        return {"alive": False}

    rehearsal.work = work
    make_job()
    work_off()
    assert Job.objects.get().result == {"alive": True}


def test_a_job_that_is_cancelled_while_it_works_hears_of_it(
    transactional_db: None, make_job: Callable[..., Any], rehearsal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.02)
    heard = threading.Event()

    def work(run: Run) -> dict[str, Any]:
        filing.cancel(run.job)
        for _ in range(500):
            if run.is_interrupted():
                heard.set()
            run.check()
            threading.Event().wait(0.02)
        return {}

    rehearsal.work = work
    job = make_job()
    work_off()
    job.refresh_from_db()
    assert heard.is_set()
    assert job.state == State.CANCELLED


def test_where_the_worker_stops_the_job_goes_back_into_the_queue(make_job: Callable[..., Any], rehearsal: Any) -> None:
    stopping = threading.Event()

    def work(run: Run) -> dict[str, Any]:
        stopping.set()
        run.check()
        return {}

    rehearsal.work = work
    job = running.claim(make_job().pk)
    assert job is not None
    assert isinstance(running.perform(job, stopping=stopping), Interrupted)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.runner) == (State.QUEUED, 0, "")
    assert rehearsal.given_up == []


def test_whoever_was_taken_for_dead_writes_nothing_any_more(make_job: Callable[..., Any], rehearsal: Any) -> None:
    def work(run: Run) -> dict[str, Any]:
        Job.objects.update(state=State.QUEUED, runner="")
        assert running.claim(run.job.pk) is not None
        with pytest.raises(Interrupted):
            run.hold()
        with pytest.raises(Interrupted):
            run.report("still here")
        return {"mine": True}

    rehearsal.work = work
    job = running.claim(make_job().pk)
    assert job is not None
    assert isinstance(running.perform(job), Interrupted)
    found = Job.objects.get()
    assert (found.state, found.result, found.message) == (State.RUNNING, {}, "")
