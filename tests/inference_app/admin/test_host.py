"""The page of the model host, by what it is told: the host itself is real in test_host_running."""

from __future__ import annotations

import html
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.test import Client

from backends.errors import BackendError, DeadlineExceeded
from backends.host.process.crash_policy import CrashReport
from inference_app.services import hosts
from packages_app.models import PackageFailure
from registry.models import AuditEvent
from tests.admin_personas import HOSTILE, messages_of

PAGE = "/admin/host/"
CONFIRMED = {"confirm": "1"}


def of_package(package: Any, name: str) -> str:
    return f"/admin/packages_app/package/{package.pk}/{name}/"


def page(client: Client) -> str:
    response = client.get(PAGE)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def model_in_memory(package_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "package_id": package_id, "bytes": 50 * 1024**2, "pinned": False, "held": 2, "requests": 17,
        "last_used": time.time(), "load_ms": 812.4, **changes,
    }  # fmt: skip


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A running host that says this of itself."""
    status: dict[str, Any] = {
        "pid": 4321, "device": "cpu", "started": time.time(), "python": "3.11.9",
        "memory": {
            "budget": 2 * 1024**3, "used": 300 * 1024**2, "base": 120 * 1024**2, "measured": 420 * 1024**2, "total": 1,
        },
        "runs": {"at_once": 2, "busy": 1, "waiting": 3},
        "inside": 1, "requests": 99, "errors": 7, "evictions": 5, "models": [],
    }  # fmt: skip
    monkeypatch.setattr(hosts, "is_running", lambda: True)
    monkeypatch.setattr(hosts, "status", lambda: status)
    return status


@pytest.fixture
def died(data_directories: Any) -> Callable[..., CrashReport]:
    """Enter a death of the host in its book: `died("reason", package_id, ...)`."""

    def enter(reason: str, *package_ids: str) -> CrashReport:
        book = hosts.crash_log()
        hosts._settings().directory.mkdir(parents=True, exist_ok=True)
        return book.record(CrashReport(package_ids, reason))

    return enter


@pytest.fixture
def aside(package: Any) -> Any:
    PackageFailure.objects.create(package=package, reason="It crashed (SIGSEGV).", strikes=3)
    return package


# Who sees it


def test_admins_and_superusers_see_it(admin_of_alpha: Client, superuser: Client) -> None:
    assert "Model host for CPU" in page(admin_of_alpha)
    assert "Model host for CPU" in page(superuser)


def test_others_see_neither_the_page_nor_the_way_to_it(viewer: Client, curator: Client, client: Client) -> None:
    for person in (viewer, curator):
        assert person.get(PAGE).status_code == 403
        assert PAGE not in person.get("/admin/").content.decode()
    assert client.get(PAGE).status_code == 302


def test_the_navigation_leads_to_it(admin_of_alpha: Client) -> None:
    assert f'href="{PAGE}"' in admin_of_alpha.get("/admin/").content.decode()


# What it says


def test_looking_does_not_start_the_host(superuser: Client) -> None:
    assert "Not running" in page(superuser)
    assert not hosts.is_running()
    assert not hosts._settings().directory.exists()


def test_the_socket_of_a_host_that_was_killed_does_not_count_as_running(superuser: Client) -> None:
    path = hosts._settings().socket
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as listener:
        listener.bind(str(path))
    assert path.exists()
    assert "Not running" in page(superuser)


def test_it_says_how_the_host_is(superuser: Client, told: dict[str, Any], package: Any) -> None:
    told["models"] = [model_in_memory(package.package_id, pinned=True)]
    text = page(superuser).replace("\xa0", " ")
    for fact in (
        "4321", "1 of 2", "300.0 MB of 2.0 GB", "420.0 MB as measured", "takes 120.0 MB", "99, 7 of them refused",
        str(package.model), package.package_id[:8], "50.0 MB", "<dd>yes</dd>", "<dd>17</dd>", "812 ms",
    ):  # fmt: skip
        assert fact in text, fact


def test_the_last_deaths_come_with_their_reasons_latest_first(
    superuser: Client, package: Any, died: Callable[..., CrashReport]
) -> None:
    died("It was killed, probably for lack of memory.", package.package_id)
    died("It crashed (SIGSEGV).", package.package_id, "0" * 32)
    text = page(superuser)
    assert text.index("It crashed (SIGSEGV).") < text.index("It was killed, probably for lack of memory.")
    assert text.count(package.package_id[:8]) == 2
    assert "1 package of other workspaces, or purged since" in text


@pytest.mark.parametrize(
    "error", [DeadlineExceeded("The model host did not answer by the deadline."), BackendError("No.")]
)
def test_a_host_that_does_not_say_how_it_is_is_a_sentence_on_the_page(
    superuser: Client, monkeypatch: pytest.MonkeyPatch, error: BackendError
) -> None:
    def status() -> None:
        raise error

    monkeypatch.setattr(hosts, "is_running", lambda: True)
    monkeypatch.setattr(hosts, "status", status)
    assert error.message in page(superuser)


def test_models_of_other_workspaces_have_no_name_and_no_button(
    stranger: Client, admin_of_alpha: Client, told: dict[str, Any], aside: Any, died: Callable[..., CrashReport]
) -> None:
    told["models"] = [model_in_memory(aside.package_id)]
    died("It crashed (SIGSEGV).", aside.package_id)
    text = page(stranger)
    assert "A model of another workspace" in text
    assert "50.0\xa0MB" in text
    for secret in (aside.package_id[:8], str(aside.model), "/unload/", "/unblock/"):
        assert secret not in text, secret
    assert of_package(aside, "unload") in page(admin_of_alpha)


def test_it_escapes_whatever_people_typed(superuser: Client, make_model: Any, make_package: Any, told: Any) -> None:
    package = make_package(make_model(HOSTILE))
    told["models"] = [model_in_memory(package.package_id)]
    PackageFailure.objects.create(package=package, reason=HOSTILE)
    for address in (PAGE, of_package(package, "change"), of_package(package, "unblock")):
        assert "<img src=x" not in superuser.get(address).content.decode()


def test_the_number_of_queries_does_not_grow_with_packages(
    superuser: Client,
    model: Any,
    make_package: Callable[..., Any],
    told: dict[str, Any],
    count_queries: Callable[..., int],
) -> None:
    def load_and_set_aside(number: int) -> None:
        package = make_package(model, files={"weights.onnx": bytes([number])})
        told["models"].append(model_in_memory(package.package_id))
        PackageFailure.objects.create(package=package, reason="It crashed.")

    load_and_set_aside(1)
    before = count_queries(superuser, PAGE)
    for number in (2, 3, 4):
        load_and_set_aside(number)
    assert count_queries(superuser, PAGE) == before <= 8


# Packages that were set aside


def test_a_package_that_was_set_aside_says_so_on_its_page(viewer: Client, curator: Client, aside: Any) -> None:
    seen = viewer.get(of_package(aside, "change")).content.decode()
    assert "This server passes the package over" in seen
    assert "It crashed (SIGSEGV)." in seen
    assert "3 times" in seen
    assert of_package(aside, "unblock") not in seen
    assert of_package(aside, "unblock") in curator.get(of_package(aside, "change")).content.decode()


def test_an_ordinary_package_says_nothing_of_it(curator: Client, package: Any) -> None:
    assert "passes the package over" not in curator.get(of_package(package, "change")).content.decode()


def test_the_page_of_the_host_lists_it_with_the_reason(admin_of_alpha: Client, aside: Any) -> None:
    text = page(admin_of_alpha)
    assert "Blocked (1)" in text
    assert "It crashed (SIGSEGV)." in text
    assert of_package(aside, "unblock") in text


def test_what_only_the_host_refuses_is_listed_too(
    superuser: Client, package: Any, died: Callable[..., CrashReport]
) -> None:
    for _ in range(3):
        died("It crashed (SIGSEGV).", package.package_id)
    assert "It ended the model host 3 times. Last: It crashed (SIGSEGV)." in page(superuser)
    superuser.post(of_package(package, "unblock"), CONFIRMED)
    assert "Set aside" not in page(superuser)
    assert AuditEvent.objects.filter(action="package.released", user=superuser.person).exists()


def test_releasing_asks_first_and_then_does_it(curator: Client, aside: Any) -> None:
    asked = curator.post(of_package(aside, "unblock"))
    assert "Give this package another chance?" in asked.content.decode()
    assert PackageFailure.objects.exists()
    done = curator.post(of_package(aside, "unblock"), CONFIRMED, follow=True)
    assert messages_of(done) == ["Unblocked."]
    assert not PackageFailure.objects.exists()
    event = AuditEvent.objects.get(action="package.released")
    assert (event.actor, event.workspace) == ("curator", aside.model.workspace)


def test_only_curators_of_its_workspace_release_it(viewer: Client, stranger: Client, aside: Any) -> None:
    assert viewer.post(of_package(aside, "unblock"), CONFIRMED).status_code == 403
    assert stranger.post(of_package(aside, "unblock"), CONFIRMED).status_code == 404
    assert PackageFailure.objects.exists()


def test_a_host_that_does_not_answer_leaves_it_set_aside_and_says_so(
    superuser: Client, aside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(package_id: str) -> None:
        raise DeadlineExceeded("The model host did not answer by the deadline.")

    monkeypatch.setattr(hosts, "unblock_in_host", refuse)
    response = superuser.post(of_package(aside, "unblock"), CONFIRMED, follow=True)
    assert "did not answer by the deadline" in messages_of(response)[0]
    assert PackageFailure.objects.exists()
    assert not AuditEvent.objects.filter(action="package.released").exists()


# Unloading


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a host that has everything loaded was asked to unload."""
    names: list[str] = []

    class Everything:
        def unload(self, package_id: str) -> bool:
            names.append(package_id)
            return True

    monkeypatch.setattr(hosts, "client", Everything)
    return names


def test_admins_unload_a_model(admin_of_alpha: Client, told: Any, package: Any, unloaded: list[str]) -> None:
    response = admin_of_alpha.post(of_package(package, "unload"), follow=True)
    assert messages_of(response) == ["Unloaded. The next request loads it again."]
    assert unloaded == [package.package_id]
    assert AuditEvent.objects.get(action="package.unloaded").workspace == package.model.workspace


def test_unloading_takes_a_post_and_the_role(
    admin_of_alpha: Client, curator: Client, stranger: Client, told: Any, package: Any, unloaded: list[str]
) -> None:
    assert admin_of_alpha.get(of_package(package, "unload")).status_code == 405
    assert curator.post(of_package(package, "unload")).status_code == 403
    assert stranger.post(of_package(package, "unload")).status_code == 404
    assert unloaded == []


def test_unloading_where_no_host_runs_starts_none(admin_of_alpha: Client, package: Any) -> None:
    response = admin_of_alpha.post(of_package(package, "unload"), follow=True)
    assert messages_of(response) == ["The package is not loaded any more."]
    assert not hosts.is_running()


def test_a_host_that_cannot_unload_is_a_message(
    admin_of_alpha: Client, told: Any, package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def unload(self, package_id: str) -> bool:
            raise DeadlineExceeded("The model host did not answer by the deadline.")

    monkeypatch.setattr(hosts, "client", Silent)
    response = admin_of_alpha.post(of_package(package, "unload"), follow=True)
    assert messages_of(response) == ["The model host did not answer by the deadline."]
