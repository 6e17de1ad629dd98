"""Who is blamed for a death of the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.host.process.crash_policy import STRIKE_LIFETIME, CrashLog, CrashPolicy, CrashReport


def death(*packages: str, time: float = 1000.0, from_outside: bool = False) -> CrashReport:
    return CrashReport(packages, "It crashed (SIGSEGV).", time=time, from_outside=from_outside)


def after(*reports: CrashReport) -> CrashPolicy:
    state = CrashPolicy(limit=3)
    for report in reports:
        state, _ = state.after(report)
    return state


def test_the_third_death_alone_sets_a_package_aside() -> None:
    assert after(death("a"), death("a")).aside == {}
    assert list(after(death("a"), death("a"), death("a")).aside) == ["a"]


def test_the_report_says_who_was_struck_and_set_aside() -> None:
    _, second = after(death("a")).after(death("a"))
    _, third = after(death("a"), death("a")).after(death("a"))
    assert (second.struck, second.set_aside) == ("a", None)
    assert (third.struck, third.set_aside) == ("a", "a")


def test_the_reason_is_kept_for_people() -> None:
    reason = after(death("a"), death("a"), death("a")).aside["a"]
    assert reason == "It ended the model host 3 times. Last: It crashed (SIGSEGV)."


def test_nobody_is_struck_when_several_were_at_work() -> None:
    state = after(death("a", "b"), death("a", "b"), death("a", "b"))
    assert state.strikes == {}
    assert state.aside == {}


def test_all_who_were_at_work_become_suspects() -> None:
    assert after(death("a", "b")).suspects == {"a", "b"}


def test_an_innocent_neighbour_is_never_set_aside() -> None:
    # The guilty one dies beside others, then alone on probation: again and again.
    reports = [death("guilty", "neighbour"), death("guilty")] * 3
    assert list(after(*reports).aside) == ["guilty"]


def test_strikes_are_forgotten_after_a_day() -> None:
    state = after(death("a", time=0), death("a", time=1), death("a", time=STRIKE_LIFETIME + 0.5))
    assert state.aside == {}
    assert len(state.strikes["a"]) == 2


def test_a_kill_from_outside_is_nobody_s_fault() -> None:
    state = after(*[death("a", from_outside=True)] * 5)
    assert (state.strikes, dict(state.aside), state.suspects) == ({}, {}, frozenset())


def test_a_death_without_work_blames_nobody() -> None:
    assert after(*[death()] * 5).aside == {}


def test_a_death_while_a_picture_is_decoded_blames_no_package() -> None:
    assert after(*[death("")] * 5).aside == {}


def test_a_released_package_starts_afresh() -> None:
    state = after(death("a"), death("a"), death("a")).release("a")
    assert (state.strikes, dict(state.aside)) == ({}, {})


def test_the_book_survives_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    for _ in range(3):
        CrashLog(path, 3).record(death("a"))
    assert list(CrashLog(path, 3).read().aside) == ["a"]
    assert len(CrashLog(path, 3).deaths()) == 3


def test_the_book_forgets_a_released_package(tmp_path: Path) -> None:
    book = CrashLog(tmp_path / "book.json", 1)
    book.record(death("a"))
    book.release("a")
    assert book.read().aside == {}


def test_a_cleared_suspect_keeps_its_strikes(tmp_path: Path) -> None:
    book = CrashLog(tmp_path / "book.json", 3)
    book.record(death("a"))
    book.record(death("a", "b"))
    book.clear("a")
    state = book.read()
    assert state.suspects == {"b"}
    assert len(state.strikes["a"]) == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"strikes": 1, "aside": {}, "suspects": [], "deaths": []}', "\0"])
def test_a_damaged_book_counts_as_empty(tmp_path: Path, content: str) -> None:
    path = tmp_path / "book.json"
    path.write_text(content)
    assert CrashLog(path, 3).read() == CrashPolicy(3)
