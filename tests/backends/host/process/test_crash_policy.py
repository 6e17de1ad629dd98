"""Who is blamed for a crash of the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.host.process.crash_policy import CRASH_LIFETIME_SECONDS, CrashLog, CrashPolicy, CrashReport


def crash(*packages: str, time: float = 1000.0, from_outside: bool = False) -> CrashReport:
    return CrashReport(packages, "It crashed (SIGSEGV).", time=time, from_outside=from_outside)


def after(*reports: CrashReport) -> CrashPolicy:
    state = CrashPolicy(limit=3)
    for report in reports:
        state, _ = state.after(report)
    return state


def test_the_third_crash_alone_blocks_a_package() -> None:
    assert after(crash("a"), crash("a")).blocked == {}
    assert list(after(crash("a"), crash("a"), crash("a")).blocked) == ["a"]


def test_the_report_says_who_was_blamed_and_blocked() -> None:
    _, second = after(crash("a")).after(crash("a"))
    _, third = after(crash("a"), crash("a")).after(crash("a"))
    assert (second.blamed, second.blocked) == ("a", None)
    assert (third.blamed, third.blocked) == ("a", "a")


def test_the_reason_is_kept_for_people() -> None:
    reason = after(crash("a"), crash("a"), crash("a")).blocked["a"]
    assert reason == "It ended the model host 3 times. Last: It crashed (SIGSEGV)."


def test_nobody_is_blamed_when_several_were_at_work() -> None:
    state = after(crash("a", "b"), crash("a", "b"), crash("a", "b"))
    assert state.crashes == {}
    assert state.blocked == {}


def test_all_who_were_at_work_become_suspects() -> None:
    assert after(crash("a", "b")).suspects == {"a", "b"}


def test_an_innocent_neighbour_is_never_blocked() -> None:
    # The guilty one crashes beside others, then alone in isolation: again and again.
    reports = [crash("guilty", "neighbour"), crash("guilty")] * 3
    assert list(after(*reports).blocked) == ["guilty"]


def test_crashes_are_forgotten_after_a_day() -> None:
    state = after(crash("a", time=0), crash("a", time=1), crash("a", time=CRASH_LIFETIME_SECONDS + 0.5))
    assert state.blocked == {}
    assert len(state.crashes["a"]) == 2


def test_a_kill_from_outside_is_nobody_s_fault() -> None:
    state = after(*[crash("a", from_outside=True)] * 5)
    assert (state.crashes, dict(state.blocked), state.suspects) == ({}, {}, frozenset())


def test_a_crash_without_work_blames_nobody() -> None:
    assert after(*[crash()] * 5).blocked == {}


def test_a_crash_while_an_image_is_decoded_blames_no_package() -> None:
    assert after(*[crash("")] * 5).blocked == {}


def test_an_unblocked_package_starts_afresh() -> None:
    state = after(crash("a"), crash("a"), crash("a")).unblock("a")
    assert (state.crashes, dict(state.blocked)) == ({}, {})


def test_the_log_survives_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "crashes.json"
    for _ in range(3):
        CrashLog(path, 3).record(crash("a"))
    assert list(CrashLog(path, 3).read().blocked) == ["a"]
    assert len(CrashLog(path, 3).reports()) == 3


def test_the_book_forgets_an_unblocked_package(tmp_path: Path) -> None:
    log = CrashLog(tmp_path / "crashes.json", 1)
    log.record(crash("a"))
    log.unblock("a")
    assert log.read().blocked == {}


def test_a_cleared_suspect_keeps_its_crashes(tmp_path: Path) -> None:
    log = CrashLog(tmp_path / "crashes.json", 3)
    log.record(crash("a"))
    log.record(crash("a", "b"))
    log.clear("a")
    state = log.read()
    assert state.suspects == {"b"}
    assert len(state.crashes["a"]) == 1


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"crashes": 1, "blocked": {}, "suspects": [], "reports": []}', "\0"]
)
def test_a_damaged_log_counts_as_empty(tmp_path: Path, content: str) -> None:
    path = tmp_path / "crashes.json"
    path.write_text(content)
    assert CrashLog(path, 3).read() == CrashPolicy(3)
