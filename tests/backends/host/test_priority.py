"""Who gives way: the native part of a load, and nobody else afterwards."""

from __future__ import annotations

import os
import threading

import pytest

from backends.host.priority import LOAD_NICENESS, call_at_low_priority, lower_own_priority, restore_priorities


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_a_native_call_gives_way_and_its_caller_does_not() -> None:
    before = niceness()
    assert call_at_low_priority(niceness) == min(before + LOAD_NICENESS, 19)
    assert niceness() == before


def test_what_a_native_call_raises_reaches_its_caller() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        call_at_low_priority(fail)


@pytest.mark.skipif(os.geteuid() != 0, reason="only a privileged process may raise a priority again")
def test_threads_that_a_load_left_behind_get_the_usual_priority() -> None:
    lowered, stop = threading.Event(), threading.Event()
    seen: list[int] = []

    def wait() -> None:
        lower_own_priority()
        lowered.set()
        stop.wait(20)
        seen.append(niceness())

    thread = threading.Thread(target=wait)
    thread.start()
    assert lowered.wait(20)
    restore_priorities()
    stop.set()
    thread.join()
    assert seen == [niceness()]
