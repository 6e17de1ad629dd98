"""The host of this installation, as web processes reach it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from backends.host.process.crash_policy import CrashReport
from backends.host.process.supervisor import HostSupervisor
from inference_app.services import hosts, inference

SCRIPT = """
import json, os, sys
import django
django.setup()
from inference_app.services import hosts
status = hosts.status()
print(json.dumps({
    "own": os.getpid(), "host": status["pid"], "models": [model["package_id"] for model in status["models"]],
}))
"""
SCRIPT_SECONDS = 60.0


def ask_from_another_process(host_directory: Path) -> dict[str, Any]:
    """What another web process of the same installation is told by the host."""
    # The directory of the host is DATA_DIR/host.
    environment = {**os.environ, "DATA_DIR": str(host_directory), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, timeout=SCRIPT_SECONDS, check=True,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def crashed_three_times(package_id: str) -> None:
    hosts._settings().directory.mkdir(parents=True, exist_ok=True)
    for _ in range(3):
        hosts.crash_log().record(CrashReport((package_id,), "It crashed (SIGSEGV)."))


def test_asking_whether_it_runs_and_how_it_is_does_not_start_it() -> None:
    assert not hosts.is_running()
    assert hosts.status() is None
    assert inference.loaded() == []
    assert not hosts.is_running()


def test_the_socket_of_a_host_that_was_killed_is_no_host() -> None:
    path = hosts._settings().socket
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as listener:
        listener.bind(str(path))
    assert path.exists()
    assert not hosts.is_running()


def test_its_book_can_be_read_while_it_does_not_run() -> None:
    assert hosts.crash_log().reports() == []
    crashed_three_times("a")
    assert list(hosts.crash_log().read().blocked) == ["a"]
    assert [death["blocked"] for death in hosts.crash_log().reports()] == [None, None, "a"]


def test_a_package_can_be_unblocked_while_it_does_not_run() -> None:
    crashed_three_times("a")
    hosts.unblock_in_host("a")
    assert hosts.crash_log().read().blocked == {}
    assert not hosts.is_running()


def test_to_release_where_there_never_was_a_host_makes_nothing() -> None:
    hosts.unblock_in_host("a")
    assert not hosts._settings().directory.exists()


def test_a_directory_too_long_for_a_socket_is_replaced_by_a_short_one_of_this_user_alone(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(prefix="wb-") as temporary:
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        settings.MODEL_HOST_DIR = Path("/srv") / ("long" * 40) / "host"
        directory = hosts._settings().directory
        assert directory.parent == Path(temporary)
        assert directory.stat().st_mode & 0o777 == 0o700
        assert hosts._settings().directory == directory
        settings.MODEL_HOST_DIR = Path("/srv") / ("long" * 40) / "another"
        assert hosts._settings().directory != directory


@pytest.mark.django_db
@pytest.mark.usefixtures("model_host")
def test_two_processes_share_one_host_and_the_second_leaves_it_running(
    push_demo: Callable[..., Any], image: bytes, host_directory: Path
) -> None:
    package = push_demo()
    inference.infer(package.model, [image])
    ours = hosts.client().status()["pid"]
    theirs = ask_from_another_process(host_directory)
    assert theirs["host"] == ours
    assert theirs["own"] not in {os.getpid(), ours}
    assert package.package_id in theirs["models"]
    assert hosts.client().status()["pid"] == ours


def test_requests_that_come_at_once_share_one_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[HostSupervisor] = []

    def make(*args: Any, **kwargs: Any) -> HostSupervisor:
        time.sleep(0.05)
        made.append(HostSupervisor(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(hosts, "HostSupervisor", make)
    monkeypatch.setattr(hosts, "_host", lru_cache(maxsize=1)(hosts._host.__wrapped__))
    threads = [threading.Thread(target=hosts.client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
