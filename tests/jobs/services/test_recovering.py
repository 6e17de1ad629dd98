"""What becomes of jobs whose worker died, and of old ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs.models import Job, State
from jobs.services import recovering, running
from registry.models import AuditEvent
from tests.job_queue import work_off

pytestmark = pytest.mark.django_db


def silent(job: Any, seconds: float) -> None:
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=seconds))


def test_a_job_without_a_sign_of_life_is_queued_again(make_job: Callable[..., Any]) -> None:
    job = make_job()
    running.claim(job.pk)
    silent(job, 59)
    assert recovering.recover() == recovering.Recovered(queued=0, given_up=0)
    silent(job, 61)
    assert recovering.recover() == recovering.Recovered(queued=1, given_up=0)
    assert work_off() == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.SUCCEEDED, 2)


def test_one_that_ends_its_worker_again_and_again_is_given_up(make_job: Callable[..., Any], rehearsal: Any) -> None:
    job = make_job()
    for _ in range(recovering.MOST_ATTEMPTS):
        running.claim(job.pk)
        silent(job, 61)
        recovering.recover()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (State.FAILED, "worker-died")
    assert rehearsal.given_up == [job.pk]
    assert AuditEvent.objects.get(action="job.given-up").details["attempts"] == recovering.MOST_ATTEMPTS


def test_one_that_somebody_waited_for_dies_with_them(make_job: Callable[..., Any], rehearsal: Any) -> None:
    job = make_job(attended=True)
    assert (job.state, job.attempts) == (State.RUNNING, 1)
    silent(job, 61)
    assert recovering.recover() == recovering.Recovered(queued=0, given_up=1)
    assert rehearsal.given_up == [job.pk]


def test_a_sign_of_life_at_the_last_moment_saves_it(
    make_job: Callable[..., Any], rehearsal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(attended=True)
    silent(job, 61)
    real = recovering.end

    def beat_before(rows: Any, job: Any, *rest: Any, **options: Any) -> bool:
        running.Run(job).beat()
        return real(rows, job, *rest, **options)

    monkeypatch.setattr(recovering, "end", beat_before)
    assert recovering.recover().given_up == 0
    job.refresh_from_db()
    assert job.state == State.RUNNING
    assert not AuditEvent.objects.filter(action="job.given-up").exists()


def test_what_ended_long_ago_is_forgotten_and_nothing_else(make_job: Callable[..., Any], settings: Any) -> None:
    settings.JOB_DAYS = 30
    old, recent = make_job(), make_job()
    work_off()
    waiting = make_job()
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=31))
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert recovering.sweep() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {recent.pk, waiting.pk}
