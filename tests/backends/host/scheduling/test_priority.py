"""Who gives way: the native part of a load, and nobody else afterwards."""

from __future__ import annotations

import os
import threading
import time

import pytest

from backends.host.scheduling import priority
from backends.host.scheduling.priority import LOAD_NICENESS, Background, lower_own_priority, restore_priorities

privileged = pytest.mark.skipif(os.geteuid() != 0, reason="only a privileged process may raise a priority again")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def policy() -> int:
    return os.sched_getscheduler(0)


def policy_in_time() -> int:
    """The policy when it has become the usual one, or else after a long wait."""
    give_up = time.monotonic() + 20
    while policy() != os.SCHED_OTHER and time.monotonic() < give_up:
        time.sleep(0.01)
    return policy()


def yes() -> bool:
    return True


def no() -> bool:
    return False


def test_a_native_call_gives_way_and_its_caller_does_not() -> None:
    before = niceness()
    background = Background(no, calls=1)
    with background.loading():
        assert background.call(niceness) == min(before + LOAD_NICENESS, 19)
        assert background.call(policy) == os.SCHED_OTHER
    assert niceness() == before


def test_what_a_native_call_raises_reaches_its_caller() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        Background(no, calls=1).call(fail)


def test_several_calls_run_at_the_same_time() -> None:
    together = threading.Barrier(3)
    assert sorted(Background(no, calls=3).call_all([lambda: together.wait(20)] * 3)) == [0, 1, 2]


def test_calls_one_after_the_other_share_a_thread() -> None:
    background = Background(no, calls=1)
    assert len({background.call(threading.get_native_id) for _ in range(5)}) == 1


def test_the_thread_of_native_calls_stays_nice_between_loads() -> None:
    background = Background(no, calls=1)
    with background.loading():
        background.call(niceness)
    assert background.call(niceness) == min(niceness() + LOAD_NICENESS, 19)


@privileged
def test_the_thread_of_a_load_that_stood_aside_does_not_stand_aside_for_the_next() -> None:
    room = threading.Event()
    room.set()
    background = Background(room.is_set, calls=1)
    with background.loading():
        assert background.call(policy) == os.SCHED_IDLE
    room.clear()
    with background.loading():
        assert background.call(policy) == os.SCHED_OTHER


@privileged
def test_beside_requests_that_leave_room_a_load_stands_aside() -> None:
    background = Background(yes, calls=1)
    with background.loading():
        assert background.stands_aside
        assert background.call(policy) == os.SCHED_IDLE
        assert policy() == os.SCHED_OTHER
    assert not background.stands_aside


@privileged
def test_a_load_comes_back_as_soon_as_there_is_no_room() -> None:
    room = threading.Event()
    room.set()
    background = Background(room.is_set, calls=1)

    def work() -> tuple[int, int]:
        before = policy()
        room.clear()
        return before, policy_in_time()

    with background.loading():
        assert background.call(work) == (os.SCHED_IDLE, os.SCHED_OTHER)
        assert not background.stands_aside


@privileged
def test_a_load_does_not_stand_aside_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priority, "ASIDE_LIMIT", 0.1)
    background = Background(yes, calls=1)
    with background.loading():
        assert background.call(policy_in_time) == os.SCHED_OTHER


@privileged
def test_a_process_that_could_not_come_back_does_not_stand_aside() -> None:
    child = os.fork()
    if child == 0:
        answer = 2
        try:
            priority._can_come_back.cache_clear()
            os.setuid(65534)
            background = Background(yes, calls=1)
            with background.loading():
                answer = int(background.stands_aside or background.call(policy) != os.SCHED_OTHER)
        finally:
            os._exit(answer)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@privileged
@pytest.mark.parametrize("aside", [False, True])
def test_threads_that_a_load_left_behind_get_the_usual_priority(aside: bool) -> None:
    lowered, stop = threading.Event(), threading.Event()
    seen: list[tuple[int, int]] = []

    def wait() -> None:
        lower_own_priority()
        if aside:
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        lowered.set()
        stop.wait(20)
        seen.append((niceness(), policy()))

    thread = threading.Thread(target=wait)
    thread.start()
    assert lowered.wait(20)
    restore_priorities()
    stop.set()
    thread.join()
    assert seen == [(niceness(), os.SCHED_OTHER)]
