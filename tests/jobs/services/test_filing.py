"""Asking for jobs, and cancelling them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from jobs.errors import JobFinished, TooManyJobs
from jobs.models import Job, State
from jobs.services import filing, running
from registry.models import AuditEvent
from registry.services.audit import Actor
from tests.job_queue import work_off

pytestmark = pytest.mark.django_db


def test_a_job_says_who_asked_in_which_workspace_and_about_what(make_job: Callable[..., Any], alpha: Any) -> None:
    ann = User.objects.create_user("ann")
    job = make_job(7, actor=Actor.of_user(ann))
    assert (job.state, job.workspace, job.user, job.requested_by) == (State.QUEUED, alpha, ann, "ann")
    assert (job.kind, job.object_id, job.subject) == ("rehearsal", 7, "piece 7")


def test_of_one_object_one_job_of_a_kind_is_open(make_job: Callable[..., Any]) -> None:
    job = make_job(7)
    assert make_job(7) == job
    assert make_job(8) != job
    running.claim(job.pk)
    assert make_job(7) == job
    filing.cancel(job)
    assert make_job(7) != job


def test_the_database_itself_refuses_a_second_one(make_job: Callable[..., Any], alpha: Any) -> None:
    make_job(7)
    with pytest.raises(IntegrityError):
        Job.objects.create(kind="rehearsal", object_id=7, workspace=alpha, subject="piece 7")


def test_workers_hear_of_it_once_it_is_committed(
    make_job: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(filing.notifying, "notify", told.append)
    with django_capture_on_commit_callbacks() as callbacks:
        job = make_job()
    assert told == []
    for callback in callbacks:
        callback()
    assert told == [job.pk]


def test_a_workspace_has_a_bounded_number_of_jobs_that_wait(
    make_job: Callable[..., Any], beta: Any, settings: Any
) -> None:
    settings.MAX_QUEUED_JOBS = 2
    make_job(), make_job()
    with pytest.raises(TooManyJobs, match="workspace"):
        make_job()
    make_job(workspace=beta)
    work_off()
    make_job()


def test_so_has_a_person_in_all_workspaces_together(make_job: Callable[..., Any], beta: Any, settings: Any) -> None:
    settings.MAX_QUEUED_JOBS_PER_USER = 2
    ann, bob = (Actor.of_user(User.objects.create_user(name)) for name in ("ann", "bob"))
    make_job(actor=ann), make_job(actor=ann, workspace=beta)
    with pytest.raises(TooManyJobs, match="you asked for"):
        make_job(actor=ann)
    make_job(actor=bob)


@pytest.mark.parametrize("begun", [False, True])
def test_a_cancelled_job_is_given_up_and_noted_and_never_run_again(
    make_job: Callable[..., Any], rehearsal: Any, begun: bool
) -> None:
    job = make_job()
    if begun:
        assert running.claim(job.pk) is not None
    filing.cancel(job, actor=Actor(name="ann"))
    assert (job.state, job.finished_at is None) == (State.CANCELLED, False)
    assert rehearsal.given_up == [job.pk]
    event = AuditEvent.objects.get(action="job.cancelled")
    assert (event.actor, event.workspace_id, event.details["job"]) == ("ann", job.workspace_id, str(job.pk))
    assert work_off() == 0


def test_what_has_ended_is_not_cancelled(make_job: Callable[..., Any], rehearsal: Any) -> None:
    job = make_job()
    work_off()
    with pytest.raises(JobFinished):
        filing.cancel(job)
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED
    assert not AuditEvent.objects.filter(action="job.cancelled").exists()
