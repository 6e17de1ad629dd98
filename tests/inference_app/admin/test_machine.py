from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from inference_app.models import MachineRecord
from negotiation.machines import find_machine
from registry.models import AuditEvent

ADD = "/admin/inference_app/machinerecord/add/"
LIST = "/admin/inference_app/machinerecord/"
ENVIRONMENT = find_machine("jetson-agx-orin").environment


def form(workspace: Any, description: Any = None, **fields: Any) -> dict[str, Any]:
    text = description if isinstance(description, str) else json.dumps(description or ENVIRONMENT.to_json())
    return {"workspace": workspace.pk, "description": text, "title": "", "slug": "", "source": "", **fields}


@pytest.fixture
def machine(alpha: Any) -> MachineRecord:
    return MachineRecord.objects.create(
        workspace=alpha, slug="line-3", title="Line 3", environment=ENVIRONMENT.to_json()
    )


def errors_of(response: Any) -> str:
    assert response.status_code == 200
    return str(response.context["adminform"].form.errors)


def test_a_curator_pastes_what_the_device_prints(curator: Client, alpha: Any) -> None:
    report = {"environment": ENVIRONMENT.to_json(), "fingerprint": "f", "fields": [], "probes": [], "problems": []}
    curator.post(ADD, form(alpha, report, title="Line 3", slug="line-3"))
    machine = MachineRecord.objects.get()
    assert machine.described().environment == ENVIRONMENT
    assert (machine.title, machine.slug, machine.workspace) == ("Line 3", "line-3", alpha)
    assert AuditEvent.objects.get(action="machine.created").actor == "curator"


def test_what_the_text_says_of_the_machine_fills_empty_fields(curator: Client, alpha: Any) -> None:
    described = {
        "name": "line-7", "title": "Line 7", "dated": "2026-03-01", "source": "label",
        "environment": ENVIRONMENT.to_json(),
    }  # fmt: skip
    curator.post(ADD, form(alpha, described, title="Typed"))
    machine = MachineRecord.objects.get()
    assert (machine.title, machine.slug, str(machine.dated), machine.source) == (
        "Typed", "line-7", "2026-03-01", "label",
    )  # fmt: skip


def test_a_bare_environment_gets_a_name_of_its_own(curator: Client, alpha: Any) -> None:
    curator.post(ADD, form(alpha))
    assert MachineRecord.objects.get().slug == f"machine-{ENVIRONMENT.fingerprint()[:8]}"


@pytest.mark.parametrize(
    "description, message",
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"gpus": 1}', "unknown keys"),
        ('{"trt_version": "ten"}', "trt_version"),
        (f'{{"os_version": "{"x" * 70_000}"}}', "64 KiB"),
    ],
)
def test_it_refuses_what_describes_no_machine(curator: Client, alpha: Any, description: str, message: str) -> None:
    response = curator.post(ADD, form(alpha, description, title="Line 3"))
    assert message in errors_of(response)
    assert description[:20].encode() in response.content.replace(b"&quot;", b'"')
    assert not MachineRecord.objects.exists()


@pytest.mark.parametrize("slug", ["nvidia-t4", "this-server", "Line-3", "line-3"])
def test_it_refuses_a_name_that_is_taken_or_odd(curator: Client, alpha: Any, machine: Any, slug: str) -> None:
    assert errors_of(curator.post(ADD, form(alpha, title="Another", slug=slug)))
    assert MachineRecord.objects.count() == 1


def test_changing_a_machine_starts_from_its_environment(curator: Client, machine: MachineRecord, alpha: Any) -> None:
    address = f"{LIST}{machine.pk}/change/"
    shown = curator.get(address).context["adminform"].form["description"].value()
    assert json.loads(shown) == machine.environment
    changed = {**json.loads(shown), "l4t_version": "36.9"}
    curator.post(address, form(alpha, changed, title="Line 3, flashed", slug="line-3"))
    machine.refresh_from_db()
    assert (machine.title, machine.environment["l4t_version"]) == ("Line 3, flashed", "36.9")


def test_a_viewer_reads_and_changes_nothing(viewer: Client, machine: MachineRecord, alpha: Any) -> None:
    shown = viewer.get(f"{LIST}{machine.pk}/change/")
    assert shown.status_code == 200
    assert "36.4" in shown.content.decode()
    assert viewer.get(ADD).status_code == 403
    assert viewer.post(f"{LIST}{machine.pk}/change/", form(alpha, title="Mine", slug="mine")).status_code == 403


def test_a_stranger_sees_nothing_and_adds_nothing_here(stranger: Client, machine: MachineRecord, alpha: Any) -> None:
    assert "Line 3" not in stranger.get(LIST).content.decode()
    assert stranger.get(f"{LIST}{machine.pk}/change/").status_code in {302, 404}
    assert "workspace" in errors_of(stranger.post(ADD, form(alpha)))
    assert MachineRecord.objects.count() == 1


def test_the_list_shows_what_the_machines_have(viewer: Client, machine: MachineRecord) -> None:
    text = viewer.get(LIST).content.decode()
    assert "Line 3" in text
    assert "orin" in text
