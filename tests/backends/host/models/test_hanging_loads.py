"""Packages that never become ready hold up nobody but those who wait for them, and end nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from host_running import RunningHost, eventually, running

from backends.errors import DeadlineExceeded, HostDied, PackageBlocked
from backends.package_reference import PackageReference

FOR_EVER = 1000.0


def ask(host: RunningHost, package: PackageReference) -> None:
    """Ask for a package that hangs, and do not wait for it."""
    host.client.status()
    with pytest.raises(DeadlineExceeded):
        host.client.load(package, deadline_s=0.1)


def preparations(package: PackageReference) -> list[str]:
    """One line for each time that the package was prepared."""
    return (package.directory / "preparations.txt").read_text().splitlines()


def test_others_load_while_several_packages_are_prepared_for_ever(host: RunningHost) -> None:
    for number in range(4):
        ask(host, host.package(f"sleeper-{number}", load_seconds=FOR_EVER))
    assert host.client.infer(host.package("good"), [b"x"], deadline_s=40).results
    assert host.client.infer(host.package("another"), [b"x"], deadline_s=40).results
    assert not host.reports


def test_a_package_is_never_prepared_twice_at_a_time_whatever_its_options(host: RunningHost) -> None:
    for number in range(3):
        for _ in range(2):
            ask(host, host.package("sleeper", load_seconds=FOR_EVER, number=number))
    assert host.client.infer(host.package("good"), [b"x"], deadline_s=40).results
    assert len(preparations(host.package("sleeper"))) == 1


def test_a_package_that_cannot_be_prepared_within_its_limit_is_blocked(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=1.0) as host:
        good, sleeper = host.package("good"), host.package("sleeper", load_seconds=FOR_EVER)
        pid = host.client.infer(good, [b"x"]).results[0]["pid"]
        with pytest.raises(PackageBlocked, match="did not end"):
            host.client.load(sleeper)
        with pytest.raises(PackageBlocked, match="did not end"):
            host.client.load(host.package("sleeper", load_seconds=FOR_EVER, number=2))
        status = host.client.status()
        assert (list(status["blocked"]), status["pid"]) == (["sleeper"], pid)
        assert host.client.infer(host.package("another"), [b"x"]).results[0]["pid"] == pid
        assert len(preparations(sleeper)) == 1
        assert not host.reports


def test_those_who_wait_for_the_same_package_with_other_options_hear_of_it_too(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=1.0) as host:
        ask(host, host.package("sleeper", load_seconds=FOR_EVER))
        with pytest.raises(PackageBlocked):
            host.client.load(host.package("sleeper", load_seconds=FOR_EVER, number=2))
        assert len(preparations(host.package("sleeper"))) == 1


def test_an_unblocked_package_is_prepared_anew(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=0.5) as host:
        with pytest.raises(PackageBlocked):
            host.client.load(host.package("slow", load_seconds=FOR_EVER))
        assert host.client.loaded() == []
        host.client.unblock("slow")
        assert host.client.infer(host.package("slow", load_seconds=0.0), [b"x"]).results


def test_a_prepared_package_that_hangs_while_it_is_opened_ends_the_host_and_is_blamed(tmp_path: Path) -> None:
    with running(tmp_path, load_limit=0.5) as host:
        with pytest.raises(HostDied):
            host.client.load(host.package("sleeper", load="hang"))
        eventually(lambda: host.reports)
        assert (host.reports[0].blamed, host.reports[0].reason) == (
            "sleeper",
            "It hung: loading took longer than 0.5 seconds.",
        )
        assert host.client.infer(host.package("good"), [b"x"]).results
