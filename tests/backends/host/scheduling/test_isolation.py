"""Suspects run alone until they are cleared."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from host_running import eventually

from backends.host.scheduling.isolation import CLEAN_RUNS, IsolationGate


def overlap(gate: IsolationGate, first: str, second: str) -> bool:
    """Whether ``second`` gets in while ``first`` is inside."""
    inside = threading.Event()

    def enter() -> None:
        with gate.passing(second):
            inside.set()

    with gate.passing(first):
        thread = threading.Thread(target=enter, daemon=True)
        thread.start()
        met = inside.wait(0.15)
    thread.join(20)
    assert inside.is_set()
    return met


def test_without_suspects_all_run_beside_each_other(tmp_path: Path) -> None:
    assert overlap(IsolationGate(tmp_path / "activity", frozenset(), lambda _: None), "a", "b")


def test_others_share_while_somebody_is_suspected(tmp_path: Path) -> None:
    assert overlap(IsolationGate(tmp_path / "activity", frozenset({"x"}), lambda _: None), "a", "b")


def test_nobody_runs_beside_a_suspect(tmp_path: Path) -> None:
    assert not overlap(IsolationGate(tmp_path / "activity", frozenset({"x"}), lambda _: None), "x", "a")
    assert not overlap(IsolationGate(tmp_path / "activity", frozenset({"x"}), lambda _: None), "a", "x")
    assert not overlap(IsolationGate(tmp_path / "activity", frozenset({"x", "y"}), lambda _: None), "x", "y")


def test_clean_runs_clear_a_suspect(tmp_path: Path) -> None:
    cleared: list[str] = []
    gate = IsolationGate(tmp_path / "activity", frozenset({"x", "y"}), cleared.append)
    for _ in range(CLEAN_RUNS):
        assert cleared == []
        with gate.passing("x"):
            pass
    assert cleared == ["x"]
    assert gate.suspects == {"y"}
    assert overlap(gate, "x", "a")


def test_a_suspect_gets_its_turn_under_load(tmp_path: Path) -> None:
    gate = IsolationGate(tmp_path / "activity", frozenset({"x"}), lambda _: None)
    stop, ran = threading.Event(), threading.Event()

    def busy() -> None:
        while not stop.is_set():
            with gate.passing("a"):
                time.sleep(0.01)

    def suspect() -> None:
        with gate.passing("x"):
            ran.set()

    threads = [threading.Thread(target=busy, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    threading.Thread(target=suspect, daemon=True).start()
    eventually(ran.is_set)
    stop.set()
