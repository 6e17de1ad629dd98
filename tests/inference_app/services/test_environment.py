"""What this server remembers of its machine, and what it does while it cannot be told anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from backends.errors import HostUnavailable
from inference_app.services import environment, hosts


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    environment.forget()
    yield
    environment.forget()


@pytest.fixture
def host(settings: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A host under another interpreter; ``answer`` is what it says, or the error of its not saying it."""
    settings.MODEL_HOST_PYTHON = "/usr/bin/python3"
    said = SimpleNamespace(answer={"fingerprint": "of the host"}, asked=0)

    def ask() -> dict[str, Any]:
        said.asked += 1
        if isinstance(said.answer, Exception):
            raise said.answer
        return said.answer

    monkeypatch.setattr(hosts, "client", lambda: SimpleNamespace(environment=ask))
    return said


def expire(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment._known is not None
    monkeypatch.setattr(environment, "_known", (time.monotonic() - 1, environment._known[1]))


def test_the_host_is_asked_once(host: SimpleNamespace) -> None:
    assert environment.describe() == environment.describe() == {"fingerprint": "of the host"}
    assert host.asked == 1


def test_what_the_host_said_last_holds_while_it_restarts(
    host: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.describe()
    expire(monkeypatch)
    host.answer = HostUnavailable("It restarts.")
    assert environment.describe() == {"fingerprint": "of the host"}


def test_the_machine_without_its_host_is_not_believed_for_long(
    host: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.answer = HostUnavailable("It starts.")
    assert environment.describe()["fingerprint"] != "of the host"
    assert environment._known is not None
    assert environment._known[0] <= time.monotonic() + environment.RETRY_SECONDS
    expire(monkeypatch)
    host.answer = {"fingerprint": "of the host"}
    assert environment.describe() == {"fingerprint": "of the host"}


def test_nobody_waits_for_a_new_detection_where_something_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    detecting, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(environment, "_known", (time.monotonic() - 1, {"fingerprint": "old"}))

    def detect(before: dict[str, Any] | None) -> tuple[float, dict[str, Any]]:
        detecting.set()
        go_on.wait(10)
        return 600.0, {"fingerprint": "new"}

    monkeypatch.setattr(environment, "_detect", detect)
    thread = threading.Thread(target=environment.describe)
    thread.start()
    assert detecting.wait(10)
    assert environment.describe() == {"fingerprint": "old"}
    go_on.set()
    thread.join(10)
    assert environment.describe() == {"fingerprint": "new"}
