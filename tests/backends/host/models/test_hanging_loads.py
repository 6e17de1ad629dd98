"""Loads that never end hold up nobody but those who wait for them, and end nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from host_running import RunningHost, eventually, running

from backends.host import PackageReference
from backends.host.errors import DeadlineExceeded, PackageBlocked
from backends.host.models.cache import Entry, Lease
from backends.host.models.load_queue import MOST_LOADS, MOST_WRITTEN_OFF, PLACES, Load, LoadQueue
from backends.host.scheduling.fair_scheduler import Admission

FOR_EVER = 1000.0


def ask(host: RunningHost, package: PackageReference) -> None:
    """Ask for a package that hangs, and do not wait for it."""
    host.client.status()
    with pytest.raises(DeadlineExceeded):
        host.client.load(package, deadline_s=0.1)


def test_others_load_while_many_packages_hang(host: RunningHost) -> None:
    for number in range(PLACES + 2):
        ask(host, host.package(f"sleeper-{number}", load_seconds=FOR_EVER))
    assert host.client.infer(host.package("good"), [b"x"], deadline_s=40).results
    assert host.client.infer(host.package("another"), [b"x"], deadline_s=40).results
    assert not host.reports


def test_a_package_never_has_more_than_one_load_whatever_its_options(host: RunningHost) -> None:
    for number in range(3):
        for _ in range(2):
            ask(host, host.package("sleeper", load_seconds=FOR_EVER, number=number))
    assert host.client.infer(host.package("good"), [b"x"], deadline_s=40).results
    assert len(host.loads(host.package("sleeper"))) == 1


def test_a_load_that_outlives_its_limit_is_written_off_and_the_package_block(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=1.0) as host:
        good, sleeper = host.package("good"), host.package("sleeper", load_seconds=FOR_EVER)
        pid = host.client.infer(good, [b"x"]).results[0]["pid"]
        with pytest.raises(PackageBlocked, match="did not end within 1 seconds"):
            host.client.load(sleeper)
        with pytest.raises(PackageBlocked, match="did not end within 1 seconds"):
            host.client.load(host.package("sleeper", load_seconds=FOR_EVER, number=2))
        status = host.client.status()
        assert list(status["blocked"]) == ["sleeper"]
        assert (status["lost_loads"], status["pid"]) == (1, pid)
        assert host.client.infer(host.package("another"), [b"x"]).results[0]["pid"] == pid
        assert len(host.loads(sleeper)) == 1
        assert not host.reports


def test_those_who_wait_for_the_same_package_with_other_options_hear_of_it_too(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=1.0) as host:
        ask(host, host.package("sleeper", load_seconds=FOR_EVER))
        with pytest.raises(PackageBlocked):
            host.client.load(host.package("sleeper", load_seconds=FOR_EVER, number=2))
        assert len(host.loads(host.package("sleeper"))) == 1


def test_a_load_that_was_written_off_may_come_back_and_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=0.5) as host:
        slow = host.package("slow", load_seconds=2.0, mebibytes=8)
        with pytest.raises(PackageBlocked):
            host.client.load(slow)
        assert host.client.status()["lost_loads"] == 1
        eventually(lambda: host.client.status()["lost_loads"] == 0)
        assert host.client.loaded() == []
        host.client.unblock("slow")
        fast = host.package("slow", load_seconds=0.0)
        assert host.client.infer(fast, [b"x"]).results


def test_a_host_with_too_many_lost_threads_is_started_anew_with_what_it_had(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=0.3) as host:
        good = host.package("good")
        pid = host.client.infer(good, [b"x"]).results[0]["pid"]
        for number in range(MOST_WRITTEN_OFF):
            with pytest.raises(PackageBlocked):
                host.client.load(host.package(f"sleeper-{number}", load_seconds=FOR_EVER))
        eventually(lambda: host.client.status()["pid"] != pid)
        eventually(lambda: [info.package_id for info in host.client.loaded()] == ["good"])
        status = host.client.status()
        assert (len(status["blocked"]), status["lost_loads"]) == (MOST_WRITTEN_OFF, 0)
        assert not host.reports


class TestLoads:
    """Who loads when, without a host."""

    @pytest.fixture(autouse=True)
    def _loads(self) -> None:
        self.begun: list[str] = []
        self.goes_on = threading.Event()
        self.loads = LoadQueue(patience=60.0, limit=60.0, work=self.work, write_off=lambda load: None)

    def work(self, load: Load) -> None:
        self.begun.append(load.package)
        self.goes_on.wait()
        self.loads.finish(load)

    def add(self, name: str, **options: int) -> None:
        reference = PackageReference(name, Path("/"), "fake", "object-detection", "fake", options=options)
        self.loads.add(Entry(reference, Admission(1)))

    def test_there_are_so_many_places(self) -> None:
        for number in range(PLACES + 2):
            self.add(f"p{number}")
        eventually(lambda: len(self.begun) == PLACES)
        assert self.loads.any_fresh
        self.goes_on.set()
        eventually(lambda: len(self.begun) == PLACES + 2)
        eventually(lambda: not self.loads.any_fresh)

    def test_the_next_package_passes_one_that_loads_already(self) -> None:
        for number in range(3):
            self.add("same", number=number)
        self.add("other")
        eventually(lambda: self.begun == ["same", "other"])
        self.goes_on.set()
        eventually(lambda: sorted(self.begun) == ["other", "same", "same", "same"])

    def test_loads_beyond_the_patience_are_bounded_too(self) -> None:
        self.loads = LoadQueue(patience=0.0, limit=60.0, work=self.work, write_off=lambda load: None)
        for number in range(MOST_LOADS + 1):
            self.add(f"p{number}")
        eventually(lambda: len(self.begun) == MOST_LOADS)
        assert not self.loads.any_fresh
        self.goes_on.set()
        eventually(lambda: len(self.begun) == MOST_LOADS + 1)


def test_a_lease_that_is_kept_too_long_is_lost() -> None:
    lease, kept, over = Lease(0.2), threading.Event(), threading.Event()

    def keep() -> None:
        with lease:
            kept.set()
            over.wait()

    thread = threading.Thread(target=keep)
    thread.start()
    kept.wait()
    with lease:
        over.set()
        thread.join()
        # Whoever lost it does not take it from its new holder.
        blocked = threading.Thread(target=lease.__enter__, daemon=True)
        blocked.start()
        blocked.join(0.05)
        assert blocked.is_alive()


def test_a_lease_is_free_when_its_holder_gives_it_back() -> None:
    lease = Lease(1000.0)
    for _ in range(2):
        with lease:
            time.sleep(0)
