"""A package that keeps ending the host is passed over, by name and with the reason, until it is unblocked."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from backends.errors import HostDied, PackageBlocked
from backends.host.process.crash_policy import CrashReport
from backends.package_reference import PackageReference
from inference_app.services import blocking, hosts, inference
from inference_app.services.selection import choose
from negotiation import NegotiationRequest
from packages_app.models import PackageFailure
from packages_app.services import publishing
from registry.models import AuditEvent
from registry.services.audit import Actor
from tests.helpers import bearer
from tests.inference_app.guilty_loader import CRASHING, GROWING, GUILTY, HANGING

ACTOR = Actor(name="test")
PATIENCE_SECONDS = 30.0


def eventually(condition: Callable[[], Any]) -> Any:
    """Wait until the condition holds; returns what it returned."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < give_up, "it did not come to pass in time"
        time.sleep(0.05)
    return found


def crash(package: Any, *, last: bool = True) -> CrashReport:
    """A crash of the host by a package, which is blocked with it unless it was not the last straw."""
    name = package.package_id
    return CrashReport((name,), "It crashed (SIGSEGV).", blamed=name, blocked=name if last else None)


@pytest.fixture
def second(model: Any, make_package: Callable[..., Any]) -> Any:
    """Another package of the model, which ranks below the first."""
    return make_package(model, dynamic_batch_size=False, static_batch_size=1)


# What is written down


def test_a_crash_that_blocks_a_package_is_written_down_with_its_reason(package: Any) -> None:
    blocking.note_crash(crash(package))
    assert (package.failure.reason, package.failure.strikes) == ("It crashed (SIGSEGV).", 3)
    event = AuditEvent.objects.get(action="package.set-aside")
    assert (event.actor, event.workspace) == ("model host", package.model.workspace)
    assert event.details == {"reason": "It crashed (SIGSEGV)."}


def test_a_crash_that_blocks_nothing_is_not(package: Any) -> None:
    blocking.note_crash(crash(package, last=False))
    assert not PackageFailure.objects.exists()


def test_to_be_blocked_twice_keeps_the_later_reason(package: Any) -> None:
    blocking.note_crash(crash(package))
    blocking.note_crash(replace(crash(package), reason="It hung."))
    assert PackageFailure.objects.get().reason == "It hung."


def test_a_package_that_was_withdrawn_meanwhile_is_not_written_down(package: Any) -> None:
    publishing.withdraw(package, actor=ACTOR)
    blocking.note_crash(crash(package))
    assert not PackageFailure.objects.exists()


# What follows from it


@pytest.mark.usefixtures("cpu_box")
def test_it_is_passed_over_and_the_next_in_the_ranking_is_used(package: Any, second: Any, model: Any) -> None:
    assert choose(model).candidates == (package, second)
    blocking.note_crash(crash(package))
    choice = choose(model)
    assert (choice.candidates, choice.blocked) == ((second,), (package,))


@pytest.mark.usefixtures("cpu_box")
def test_it_is_still_there_for_who_asks_for_it_by_id(package: Any, second: Any, model: Any) -> None:
    blocking.note_crash(crash(package))
    request = NegotiationRequest(model_package_id=package.package_id)
    assert choose(model, request).candidates == (package,)


@pytest.mark.usefixtures("cpu_box")
def test_where_nothing_else_is_left_the_host_has_the_last_word(package: Any, model: Any) -> None:
    blocking.note_crash(crash(package))
    assert choose(model).candidates == (package,)


@pytest.mark.usefixtures("cpu_box")
def test_once_unblocked_it_is_chosen_again(package: Any, second: Any, model: Any) -> None:
    blocking.note_crash(crash(package))
    assert hosts.unblock(package, actor=ACTOR)
    assert choose(model).candidates == (package, second)
    assert AuditEvent.objects.get(action="package.released").workspace == model.workspace


def test_to_unblock_what_was_never_blocked_changes_nothing(package: Any) -> None:
    assert not hosts.unblock(package, actor=ACTOR)
    assert not AuditEvent.objects.filter(action="package.released").exists()


# With a real host


@pytest.mark.django_db
@pytest.mark.usefixtures("model_host")
def test_a_running_host_refuses_it_and_takes_it_again_from_the_moment_that_it_is_unblocked(
    push_demo: Callable[..., Any], image: bytes
) -> None:
    package = push_demo()
    hosts.client().block(package.package_id, "It ended the model host 3 times.")
    with pytest.raises(PackageBlocked, match="ended the model host 3 times"):
        inference.infer(package.model, [image])
    assert hosts.unblock(package, actor=ACTOR)
    assert inference.infer(package.model, [image]).package == package


@pytest.mark.django_db
@pytest.mark.usefixtures("model_host")
def test_what_only_the_host_knows_makes_way_for_the_next_and_is_used_at_once_when_unblocked(
    push_demo: Callable[..., Any], image: bytes
) -> None:
    first, second = push_demo(), push_demo("onnx-static")
    hosts.client().block(first.package_id, "It ended the model host 3 times.")
    assert inference.infer(first.model, [image]).package == second
    hosts.unblock(first, actor=ACTOR)
    assert inference.infer(first.model, [image]).package == first


@pytest.fixture
def guilty(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a host of this test's own: packages whose ids are in it crash that host while they are loaded."""
    ordinary = hosts._settings
    here = Path(__file__).resolve().parents[1]
    search_path = f"{django_settings.BASE_DIR}:{here}"
    inference.forget()
    # Not pytest's own directory: the name of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="wb-") as directory, monkeypatch.context() as patch:
        settings.MODEL_HOST_DIR = Path(directory)
        patch.setattr(hosts, "_host", lru_cache(maxsize=1)(hosts._host.__wrapped__))
        patch.setattr(
            hosts,
            "_settings",
            lambda: replace(
                ordinary(), loader="guilty_loader:Loader", environment={"PYTHONPATH": search_path}, load_limit=10.0
            ),
        )
        yield Path(directory) / GUILTY
        hosts.stop()
    inference.forget()


@pytest.mark.django_db(transaction=True)
def test_a_package_that_crashes_the_host_three_times_is_passed_over_until_it_is_unblocked(
    guilty: Path, push_demo: Callable[..., Any], image: bytes, infer_token: str
) -> None:
    package, innocent = push_demo(), push_demo("onnx-static")
    model = package.model

    def answer() -> dict[str, Any]:
        inference.forget()
        address = f"/api/v1/models/{model.model_id}/infer"
        response = Client().post(address, image, content_type="image/jpeg", headers=bearer(infer_token))
        assert response.status_code == 200, response.content
        return response.json()["package"]

    guilty.write_text(package.package_id)
    for _ in range(3):
        with pytest.raises(HostDied) as died:
            inference.infer(model, [image])
        assert died.value.retryable
    failure = eventually(lambda: PackageFailure.objects.filter(package=package).first())
    assert failure.reason == "It crashed (SIGSEGV)."
    ran = answer()
    assert ran["package_id"] == innocent.package_id
    assert ran["why"] == "The best of those that are not blocked (1 is)."
    with pytest.raises(PackageBlocked, match="It ended the model host 3 times"):
        inference.infer(model, [image], request=NegotiationRequest(model_package_id=package.package_id))
    guilty.unlink()
    assert hosts.unblock(package, actor=ACTOR)
    assert answer()["package_id"] == package.package_id
    assert hosts.crash_log().read().blocked == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (CRASHING, "It could not be prepared: it ended the process that tried it (SIGSEGV)."),
        (HANGING, "It could not be prepared: it did not end within 10 seconds."),
        (GROWING, "It could not be prepared: "),
    ],
)
def test_a_package_that_ends_what_prepares_it_leaves_others_alone_and_is_passed_over_until_it_is_unblocked(
    guilty: Path, push_demo: Callable[..., Any], image: bytes, how: str, reason: str
) -> None:
    package, innocent = push_demo(), push_demo("onnx-static")
    only_innocent = NegotiationRequest(model_package_id=innocent.package_id)
    inference.infer(package.model, [image], request=only_innocent)
    pid = hosts.client().status()["pid"]
    named = guilty.with_name(how)
    named.write_text(package.package_id)
    with ThreadPoolExecutor(1) as executor:
        reference = inference.reference(innocent)
        beside = executor.submit(infer_again_and_again, reference, image)
        assert inference.infer(package.model, [image]).package == innocent
        named.rename(named.with_suffix(".over"))
        assert beside.result() > 0
    assert hosts.client().status()["pid"] == pid
    failure = PackageFailure.objects.get(package=package)
    assert failure.reason.startswith(reason)
    assert failure.strikes == 0
    assert choose(package.model).blocked == (package,)
    assert hosts.unblock(package, actor=ACTOR)
    inference.forget()
    assert inference.infer(package.model, [image]).package == package


def infer_again_and_again(reference: PackageReference, image: bytes) -> int:
    """Ask the host for a package that is loaded until others tell that they have ended; how often it answered."""
    answered, over = 0, time.monotonic() + 1
    while time.monotonic() < over:
        assert hosts.client().infer(reference, [image]).results
        answered += 1
    return answered
