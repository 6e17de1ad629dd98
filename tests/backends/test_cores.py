"""Which cores the threads of a run use."""

from __future__ import annotations

import os
import threading

import pytest

from backends.cores import cores_of_run, on_first_core


def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))


pytestmark = pytest.mark.skipif(len(cores()) < 2, reason="there is a choice of cores only where there are several")


def test_a_run_with_as_many_threads_as_cores_takes_them_all() -> None:
    assert cores_of_run(len(cores())) == cores()


def test_a_run_with_fewer_threads_than_cores_is_left_to_the_kernel() -> None:
    before = cores()
    assert cores_of_run(len(before) - 1) == []
    with on_first_core(len(before) - 1):
        assert cores() == before


def test_who_asks_keeps_to_the_first_core_and_may_use_all_of_them_afterwards() -> None:
    before = cores()
    with on_first_core(len(before)):
        assert cores() == before[:1]
    assert cores() == before


def test_it_may_use_all_of_them_again_after_a_failure() -> None:
    before = cores()
    with pytest.raises(ZeroDivisionError), on_first_core(len(before)):
        raise ZeroDivisionError
    assert cores() == before


def test_other_threads_keep_theirs() -> None:
    seen: list[list[int]] = []
    ready, done = threading.Event(), threading.Event()

    def look() -> None:
        ready.set()
        done.wait(20)
        seen.append(cores())

    before = cores()
    thread = threading.Thread(target=look)
    thread.start()
    assert ready.wait(20)
    with on_first_core(len(before)):
        done.set()
        thread.join()
    assert seen == [before]


def test_a_system_that_does_not_tell_leaves_threads_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(cores())
    monkeypatch.delattr(os, "sched_getaffinity")
    with on_first_core(count):
        assert cores_of_run(count) == []
