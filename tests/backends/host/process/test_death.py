"""The host dies in every way there is; only what was in it fails, and soon all is as before."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from host_running import MEBIBYTE, RunningHost, eventually, running

from backends.errors import BackendError, DeadlineExceeded, HostBusy, HostDied, PackageBlocked
from backends.host import PackageReference

# A restart takes well under a second on an idle machine.
BACK_WITHIN = 20.0


def kill_during_requests(host: RunningHost, package: PackageReference, number: int) -> list[BaseException | None]:
    """Kill the host while three requests are in it; what became of them."""
    with ThreadPoolExecutor(3) as executor:
        inside = [executor.submit(host.client.infer, package, [b"x"], {"sleep": 30.0}) for _ in range(3)]
        eventually(lambda: sum(info.held for info in host.client.loaded()) == 3)
        os.kill(host.supervisor.host_pid or 0, number)
        return [future.exception(timeout=BACK_WITHIN) for future in inside]


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_kill_fails_only_what_was_inside_with_a_clear_error(host: RunningHost, number: int) -> None:
    package, bystander = host.package("a"), host.package("b")
    host.client.load(package, pin=True)
    host.client.load(bystander)
    errors = kill_during_requests(host, package, number)
    assert [type(error) for error in errors] == [HostDied] * 3
    assert all(isinstance(error, BackendError) and error.retryable for error in errors)
    started = time.monotonic()
    assert host.client.infer(bystander, [b"x"]).results
    assert time.monotonic() - started < BACK_WITHIN
    assert len(host.reports) == 1
    assert host.reports[0].packages == ("a",)
    assert host.reports[0].signal == number


def test_what_was_loaded_is_loaded_again(host: RunningHost) -> None:
    host.client.load(host.package("pinned"), pin=True)
    host.client.load(host.package("plain"))
    os.kill(host.supervisor.host_pid or 0, signal.SIGKILL)
    eventually(lambda: host.reports)
    eventually(lambda: {info.package_id for info in host.client.loaded()} == {"pinned", "plain"})
    assert {info.package_id: info.pinned for info in host.client.loaded()} == {"pinned": True, "plain": False}


def test_what_brought_the_host_down_is_not_loaded_again_by_itself(host: RunningHost) -> None:
    innocent, guilty = host.package("innocent"), host.package("guilty")
    host.client.load(innocent)
    host.client.load(guilty)
    with pytest.raises(HostDied):
        host.client.infer(guilty, [b"x"], {"do": "crash"})
    eventually(lambda: [info.package_id for info in host.client.loaded()] == ["innocent"])
    assert len(host.loads(guilty)) == 1


def test_a_kill_from_outside_is_not_held_against_the_package(host: RunningHost) -> None:
    package = host.package("a")
    for _ in range(4):
        host.client.load(package)
        kill_during_requests(host, package, signal.SIGKILL)
    assert host.client.infer(package, [b"x"]).results
    assert all(report.blamed is None for report in host.reports)


def test_three_crashes_set_the_package_aside(host: RunningHost) -> None:
    package, other = host.package("guilty"), host.package("innocent")
    for _ in range(3):
        with pytest.raises(HostDied):
            host.client.infer(package, [b"x"], {"do": "crash"})
        assert host.client.infer(other, [b"x"]).results
    with pytest.raises(PackageBlocked, match="ended the model host 3 times") as raised:
        host.client.infer(package, [b"x"])
    assert not raised.value.retryable
    assert [report.blocked for report in host.reports] == [None, None, "guilty"]
    assert list(host.client.status()["blocked"]) == ["guilty"]
    host.client.unblock("guilty")
    assert host.client.infer(package, [b"x"]).results


def test_a_crash_during_the_load_counts_too(host: RunningHost) -> None:
    package = host.package("guilty", load="crash")
    for _ in range(3):
        with pytest.raises(HostDied):
            host.client.load(package)
    with pytest.raises(PackageBlocked):
        host.client.load(package)
    assert len(host.loads(package)) == 3


def test_a_neighbour_of_the_guilty_one_is_not_condemned(host: RunningHost) -> None:
    guilty, neighbour = host.package("guilty"), host.package("neighbour")
    stop = threading.Event()

    def keep_running() -> None:
        while not stop.is_set():
            try:
                host.client.infer(neighbour, [b"x"], {"sleep": 0.05})
            except BackendError:
                time.sleep(0.02)

    thread = threading.Thread(target=keep_running, daemon=True)
    thread.start()
    outcomes = []
    for _ in range(12):
        try:
            host.client.infer(guilty, [b"x"], {"do": "crash"})
        except BackendError as error:
            outcomes.append(type(error))
        if outcomes[-1] is PackageBlocked:
            break
    stop.set()
    thread.join()
    assert outcomes[-1] is PackageBlocked
    assert list(host.client.status()["blocked"]) == ["guilty"]
    assert host.client.infer(neighbour, [b"x"]).results


def test_a_run_that_hangs_is_ended_and_blamed(tmp_path: Path) -> None:
    with running(tmp_path, run_limit=1.0) as host:
        package = host.package("sleeper")
        host.client.load(host.package("other"))
        with pytest.raises(DeadlineExceeded):
            host.client.infer(package, [b"x"], {"sleep": 1000.0}, deadline_s=0.2)
        eventually(lambda: host.reports)
        assert host.reports[0].packages == ("sleeper",)
        assert host.reports[0].reason == "It hung: running took longer than 1 seconds."
        assert host.client.infer(host.package("other"), [b"x"]).results
        assert host.client.infer(package, [b"x"]).results


def test_a_decode_ends_at_its_deadline_and_ends_nothing_else(tmp_path: Path) -> None:
    with running(tmp_path, run_limit=0.3) as host:
        package = host.package("a")
        host.client.load(package)
        for images in ([b"slow"], [b"slow", b"slow", b"slow"]):
            with pytest.raises(DeadlineExceeded, match="decoded"):
                host.client.infer(package, images, deadline_s=1.5)
        assert host.client.infer(package, [b"x"]).results
        assert not host.reports


def test_requests_for_ordinary_images_pass_heavy_ones(host: RunningHost) -> None:
    package = host.package("a")
    host.client.load(package)
    # Two places, and twice as many that wait; two are the slots.
    with ThreadPoolExecutor(9) as executor:
        heavy = [executor.submit(host.client.infer, package, [b"slow"], deadline_s=4.0) for _ in range(9)]
        eventually(lambda: host.client.status()["inside"] >= 7)
        for _ in range(5):
            assert host.client.infer(package, [b"x"], deadline_s=2.0).results
        errors = [type(future.exception()) for future in heavy]
    assert set(errors) == {DeadlineExceeded, HostBusy}
    assert errors.count(HostBusy) == 3


def test_others_load_while_one_load_hangs(host: RunningHost) -> None:
    package = host.package("sleeper", load_seconds=60)
    host.client.status()
    with pytest.raises(DeadlineExceeded):
        host.client.load(package, deadline_s=0.1)
    assert host.client.infer(host.package("other"), [b"x"], deadline_s=30).results
    assert "sleeper" not in [info.package_id for info in host.client.loaded()]


@pytest.mark.parametrize("where", ["load", "run"])
def test_a_model_that_allocates_without_end_is_ended(tmp_path: Path, where: str) -> None:
    with running(tmp_path, memory_budget=64 * MEBIBYTE) as host:
        options, parameters = ({"load": "hoard"}, {}) if where == "load" else ({}, {"do": "hoard"})
        with pytest.raises(BackendError):
            host.client.infer(host.package("hoarder", **options), [b"x"], parameters)
        assert host.client.infer(host.package("other"), [b"x"]).results
        for report in host.reports:
            assert report.packages == ("hoarder",)
            assert report.reason == "It took far more memory than its budget."


def test_an_allocation_beyond_all_limits_fails_the_request_only(host: RunningHost) -> None:
    package = host.package("greedy")
    pid = host.client.infer(package, [b"x"]).results[0]["pid"]
    with pytest.raises(BackendError, match="not enough memory"):
        host.client.infer(package, [b"x"], {"do": "work", "mebibytes": 100_000})
    assert host.client.infer(package, [b"x"]).results[0]["pid"] == pid
