from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inference_app.models import MachineRecord
from negotiation import Environment
from packages_app.models import PackageBenchmark
from tests.admin_personas import HOSTILE

pytestmark = pytest.mark.usefixtures("cpu_box")


def address(model: Any, query: str = "") -> str:
    return f"/admin/inference_app/machinerecord/compatibility/{model.pk}/{query}"


def page(client: Client, model: Any, query: str = "") -> str:
    response = client.get(address(model, query))
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def row_of(text: str, machine: str) -> str:
    """The part of the page that is the row of one machine."""
    return text.split(f'data-machine="{machine}"')[1].split("</tr>")[0]


def test_each_row_marks_its_winner_and_says_why_not_the_others(
    viewer: Client, model: Any, mixed: dict[str, Any]
) -> None:
    text = page(viewer, model)
    for name in mixed:
        assert mixed[name].package_id[:8] in text
    row = row_of(text, "nvidia-t4")
    assert row.count("is-chosen") == row.count("Gets this one") == 1
    assert "Number 2" in row
    assert f"Gets {mixed['half'].package_id[:8]}" in row
    assert "The engine was compiled for nvidia-l4; the GPUs to choose from are tesla-t4." in row
    assert "The package is not marked as trusted." in row
    assert "get nothing" not in text


def test_a_machine_that_gets_nothing_is_warned_of_plainly(
    viewer: Client, model: Any, make_package: Callable[..., Any]
) -> None:
    make_package(model, opset=23)
    text = page(viewer, model)
    assert "machines get nothing" in text
    assert "Gets nothing" in row_of(text, "jetson-agx-xavier")
    assert "Gets nothing" not in row_of(text, "nvidia-t4")


def test_a_model_without_packages_has_one_plain_warning(viewer: Client, model: Any) -> None:
    assert "No machine gets anything: no package is published." in page(viewer, model)


def test_figures_of_benchmarks_are_in_the_cells(viewer: Client, model: Any, package: Any, cpu_box: Any) -> None:
    PackageBenchmark.objects.create(
        package=package,
        environment_fingerprint=cpu_box["fingerprint"],
        environment=cpu_box["environment"],
        figures={"latency_ms": 14.26, "images_per_second": 52.8},
    )
    assert "14.3 ms, 52.8 images/s" in row_of(page(viewer, model), "this-server")


def test_drafts_are_shown_on_demand_as_if_they_were_published(
    viewer: Client, model: Any, make_package: Callable[..., Any]
) -> None:
    draft = make_package(model, state="draft")
    assert f"draft {draft.pk}" not in page(viewer, model)
    text = page(viewer, model, "?drafts=1")
    assert f"draft {draft.pk}" in text
    assert "Gets this one" in row_of(text, "nvidia-t4")


def test_the_page_of_the_model_leads_to_its_coverage(viewer: Client, model: Any) -> None:
    text = viewer.get(f"/admin/registry/model/{model.pk}/change/").content.decode()
    assert f'href="{address(model)}"' in text
    assert "Packages of this model" in text


def test_it_is_for_members_of_the_workspace_alone(
    client: Client, stranger: Client, superuser: Client, make_model: Any
) -> None:
    model = make_model("shapes/public", is_public=True)
    assert stranger.get(address(model)).status_code == 404
    assert stranger.get("/admin/inference_app/machinerecord/compatibility/999999/").status_code == 404
    assert superuser.get(address(model)).status_code == 200
    anonymous = client.get(address(model))
    assert (anonymous.status_code, anonymous.url.split("?")[0]) == (302, "/admin/login/")


def test_machines_of_other_workspaces_are_not_shown(superuser: Client, model: Any, package: Any, beta: Any) -> None:
    environment = Environment().to_json()
    MachineRecord.objects.create(workspace=beta, slug="secret", title="Secret device", environment=environment)
    assert "Secret device" not in page(superuser, model)


def test_only_those_who_may_add_machines_are_offered_it(viewer: Client, curator: Client, model: Any) -> None:
    assert "Add a machine of your own" not in page(viewer, model)
    assert "Add a machine of your own" in page(curator, model)


def test_it_changes_nothing(curator: Client, model: Any) -> None:
    assert curator.post(address(model)).status_code == 405


def test_it_escapes_whatever_people_typed(
    viewer: Client, make_model: Any, make_package: Callable[..., Any], alpha: Any
) -> None:
    model = make_model(HOSTILE, architecture="yolov8")
    make_package(model, notes=HOSTILE)
    make_package(model, "trt", state="draft", cuda_device_type=HOSTILE, trt_version=HOSTILE, quantization="fp16")
    environment = Environment(gpu_devices=(HOSTILE,), gpu_devices_cc=("8.9",), os_version=HOSTILE).to_json()
    MachineRecord.objects.create(workspace=alpha, slug="evil", title=HOSTILE, environment=environment)
    text = viewer.get(address(model, "?drafts=1")).content.decode()
    assert "<img src=x" not in text
    assert text.count("&lt;img src=x") >= 4


def test_the_number_of_queries_does_not_grow_with_packages(
    viewer: Client, model: Any, make_package: Callable[..., Any], count_queries: Callable[..., int]
) -> None:
    make_package(model)
    count_queries(viewer, address(model))
    before = count_queries(viewer, address(model))
    for number in range(3):
        make_package(model, files={"weights.onnx": bytes([number])})
    assert count_queries(viewer, address(model)) == before <= 15


def test_a_bookmark_of_its_first_address_still_leads_there(viewer: Client, model: Any) -> None:
    answer = viewer.get(f"/admin/inference_app/machinerecord/coverage/{model.pk}/?drafts=1")
    assert answer.headers["Location"] == address(model, "?drafts=1")
