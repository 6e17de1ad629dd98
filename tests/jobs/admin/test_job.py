"""Jobs in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from jobs.models import Job
from registry.models import AuditEvent
from tests.admin_personas import HOSTILE

LIST = "/admin/jobs/job/"


def page(job: Any, name: str = "change") -> str:
    return f"{LIST}{job.pk}/{name}/"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_list_leads_to_the_object_and_cancels(curator: Client, make_job: Callable[..., Any]) -> None:
    job = make_job(7)
    text = text_of(curator, LIST)
    assert 'href="/admin/rehearsals/7/"' in text
    assert page(job, "cancel") in text
    assert page(job, "cancel") in text_of(curator, page(job))


def test_a_viewer_sees_them_and_cancels_none(viewer: Client, make_job: Callable[..., Any]) -> None:
    job = make_job(7)
    for address in (LIST, page(job)):
        text = text_of(viewer, address)
        assert "piece 7" in text
        assert page(job, "cancel") not in text
    assert viewer.post(page(job, "cancel"), {"confirm": "1"}).status_code == 403
    job.refresh_from_db()
    assert job.state == "queued"


def test_a_stranger_sees_nothing_of_them(stranger: Client, make_job: Callable[..., Any]) -> None:
    job = make_job(7)
    assert "piece 7" not in text_of(stranger, LIST)
    assert stranger.get(page(job, "progress")).status_code == 404
    assert stranger.post(page(job, "cancel"), {"confirm": "1"}).status_code == 404


def test_cancelling_asks_first_and_goes_back_to_the_object(curator: Client, make_job: Callable[..., Any]) -> None:
    job = make_job(7)
    assert "Cancel this job?" in text_of(curator, page(job, "cancel"))
    answer = curator.post(page(job, "cancel"), {"confirm": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/rehearsals/7/")
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert AuditEvent.objects.get(action="job.cancelled").actor == "curator"
    assert page(job, "cancel") not in text_of(curator, LIST)


def test_what_has_ended_meanwhile_is_told(curator: Client, make_job: Callable[..., Any], alpha: Any) -> None:
    job = make_job(7)
    curator.post(page(job, "cancel"), {"confirm": "1"})
    curator.post(page(job, "cancel"), {"confirm": "1"})
    assert AuditEvent.objects.filter(action="job.cancelled").count() == 1
    assert "has ended already" in text_of(curator, LIST)


def test_pages_ask_how_far_it_is(viewer: Client, make_job: Callable[..., Any]) -> None:
    job = make_job()
    Job.objects.update(state="running", runner="x", heartbeat_at=job.created_at, progress=0.5, message="Half of it.")
    assert viewer.get(page(job, "progress")).json() == {
        "state": "Running",
        "is_open": True,
        "progress": 0.5,
        "message": "Half of it.",
    }


def test_nobody_makes_changes_or_deletes_one(superuser: Client, make_job: Callable[..., Any]) -> None:
    job = make_job()
    for address in (f"{LIST}add/", page(job, "delete")):
        assert superuser.get(address).status_code == 403
    assert superuser.post(page(job), {"state": "succeeded"}).status_code == 403


def test_hostile_texts_are_texts(superuser: Client, make_job: Callable[..., Any], make_model: Any) -> None:
    job = make_job()
    Job.objects.update(
        state="failed", subject=HOSTILE, requested_by=HOSTILE, message=HOSTILE, error_message=HOSTILE,
        error_code="internal-error", result={HOSTILE: HOSTILE}, runner=HOSTILE, finished_at=job.created_at,
    )  # fmt: skip
    for address in (LIST, page(job)):
        text = text_of(superuser, address)
        assert "<img src=x" not in text, address
        assert "&lt;img src=x" in text, address


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    curator: Client, make_job: Callable[..., Any], count_queries: Callable[[Any, str], int]
) -> None:
    make_job()
    one = count_queries(curator, LIST)
    for _ in range(9):
        make_job()
    assert count_queries(curator, LIST) <= one
