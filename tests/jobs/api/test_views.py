"""`/api/v1/jobs`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from packages_app.errors import BlobUnavailable
from registry.models import AuditEvent
from tests.helpers import assert_error, bearer
from tests.job_queue import work_off

pytestmark = pytest.mark.django_db

JOBS = "/api/v1/jobs"


@pytest.fixture
def ask(client: Client, alpha_token: str) -> Callable[..., Any]:
    return lambda address="", token=alpha_token, **query: client.get(f"{JOBS}{address}", query, headers=bearer(token))


def test_a_job_is_told_whole(ask: Callable[..., Any], make_job: Callable[..., Any]) -> None:
    job = make_job(7)
    document = ask(f"/{job.pk}").json()
    assert {name: document[name] for name in ("id", "kind", "state", "subject", "object_id", "workspace")} == {
        "id": str(job.pk),
        "kind": "rehearsal",
        "state": "queued",
        "subject": "piece 7",
        "object_id": 7,
        "workspace": "alpha",
    }
    assert (document["progress"], document["error"], document["finished_at"]) == (None, None, None)


def test_one_that_failed_says_why_and_what_helps(
    ask: Callable[..., Any], make_job: Callable[..., Any], rehearsal: Any
) -> None:
    def fail(run: Any) -> dict[str, Any]:
        raise BlobUnavailable("The store is away.")

    rehearsal.work = fail
    job = make_job()
    work_off()
    error = ask(f"/{job.pk}").json()["error"]
    assert (error["code"], error["message"]) == ("blob-unavailable", "The store is away.")
    assert error["advice"] == BlobUnavailable.advice
    assert error["help_url"] == "http://testserver/help/errors/blob-unavailable"


def test_the_newest_comes_first_and_pages_follow_each_other(
    ask: Callable[..., Any], make_job: Callable[..., Any]
) -> None:
    made = [str(make_job().pk) for _ in range(3)]
    first = ask(page_size=2).json()
    assert first["count"] == 3
    second = ask(page_size=2, page=2).json()
    assert [job["id"] for job in first["results"] + second["results"]] == made[::-1]
    assert first["next"].endswith("/api/v1/jobs?page=2&page_size=2")


def test_they_can_be_chosen_by_kind_and_state(ask: Callable[..., Any], make_job: Callable[..., Any]) -> None:
    done = make_job()
    work_off()
    waiting = make_job()
    assert [job["id"] for job in ask(state="queued").json()["results"]] == [str(waiting.pk)]
    assert [job["id"] for job in ask(state="succeeded", kind="rehearsal").json()["results"]] == [str(done.pk)]
    assert ask(kind="inspection").json()["count"] == 0


@pytest.mark.parametrize("query", [{"state": "tired"}, {"kind": "x"}, {"colour": "blue"}, {"page": "0"}, {"page": "9"}])
def test_what_the_list_does_not_know_is_refused(ask: Callable[..., Any], rehearsal: Any, query: Any) -> None:
    assert_error(ask(**query), "invalid-request", 400)


def test_nobody_sees_them_without_a_token(client: Client, make_job: Callable[..., Any]) -> None:
    job = make_job()
    assert_error(client.get(JOBS), "token-required", 401)
    assert_error(client.get(f"{JOBS}/{job.pk}"), "token-required", 401)
    assert_error(client.post(f"{JOBS}/{job.pk}/cancel"), "token-required", 401)


def test_those_of_another_workspace_are_as_unknown_as_those_that_do_not_exist(
    ask: Callable[..., Any], client: Client, make_job: Callable[..., Any], beta: Any, make_token: Callable[..., str]
) -> None:
    job = make_job()
    token = make_token(beta, "read", "admin")
    assert ask(token=token).json()["count"] == 0
    answers = []
    for job_id in (job.pk, uuid.uuid4()):
        answers += [
            assert_error(ask(f"/{job_id}", token=token), "job-not-found", 404)["message"],
            assert_error(client.post(f"{JOBS}/{job_id}/cancel", headers=bearer(token)), "job-not-found", 404)[
                "message"
            ],
        ]
    assert len(set(answers)) == 1
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_token_without_read_sees_none(
    ask: Callable[..., Any], alpha: Any, make_token: Callable[..., str], rehearsal: Any
) -> None:
    assert_error(ask(token=make_token(alpha, "infer")), "insufficient-scope", 403)


def test_a_job_is_cancelled_by_a_token_that_manages(
    client: Client, make_job: Callable[..., Any], alpha: Any, alpha_token: str, make_token: Callable[..., str]
) -> None:
    job = make_job()
    cancel = f"{JOBS}/{job.pk}/cancel"
    assert_error(client.post(cancel, headers=bearer(alpha_token)), "insufficient-scope", 403)
    manager = bearer(make_token(alpha, "read", "admin"))
    answer = client.post(cancel, headers=manager)
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert AuditEvent.objects.get(action="job.cancelled").actor == "token test"
    assert_error(client.post(cancel, headers=manager), "job-finished", 409)


def test_metrics_count_them_by_kind_and_state(client: Client, make_job: Callable[..., Any], settings: Any) -> None:
    settings.METRICS = True
    for _ in range(2):
        make_job()
    work_off()
    make_job()
    text = client.get("/metrics").content.decode()
    assert 'weighbridge_jobs{kind="rehearsal",state="succeeded"} 2.0' in text
    assert 'weighbridge_jobs{kind="rehearsal",state="queued"} 1.0' in text
