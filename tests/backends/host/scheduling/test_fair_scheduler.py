"""Slots go round the models, deadlines hold in the queue, and a full house answers at once."""

from __future__ import annotations

import threading
import time

import pytest
from host_running import eventually

from backends.host.errors import DeadlineExceeded, HostBusy
from backends.host.scheduling.fair_scheduler import CROWD_MEMORY, Admission, FairScheduler


def soon() -> float:
    return time.monotonic() + 20


def in_thread(work: object) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_no_more_than_the_slots_run_at_once() -> None:
    slots, most, running = FairScheduler(2), 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal most, running
        with slots.hold("a", soon()):
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1

    threads = [in_thread(work) for _ in range(8)]
    for thread in threads:
        thread.join()
    assert most == 2
    assert (slots.busy(), slots.waiting()) == (0, 0)


def test_a_busy_model_does_not_starve_another() -> None:
    slots, order = FairScheduler(1), []

    def work(key: str) -> None:
        with slots.hold(key, soon()):
            order.append(key)

    with slots.hold("first", soon()):
        for number, key in enumerate(["a", "a", "a", "b"], start=1):
            in_thread(lambda key=key: work(key))
            eventually(lambda number=number: slots.waiting() == number)
    eventually(lambda: len(order) == 4)
    assert order == ["a", "b", "a", "a"]


def test_the_deadline_holds_in_the_queue() -> None:
    slots = FairScheduler(1)
    with slots.hold("a", soon()):
        with pytest.raises(DeadlineExceeded), slots.hold("a", time.monotonic() + 0.05):
            pass
        assert slots.waiting() == 0
    with slots.hold("a", soon()):
        assert slots.busy() == 1


def test_an_expired_request_does_not_run_even_with_free_slots() -> None:
    with pytest.raises(DeadlineExceeded), FairScheduler(1).hold("a", time.monotonic() - 1):
        pass


def test_a_request_by_itself_is_alone() -> None:
    with FairScheduler(2).hold("a", soon()) as alone:
        assert alone


def test_a_second_request_is_not_alone_and_leaves_a_memory_of_a_crowd() -> None:
    slots = FairScheduler(2)
    with slots.hold("a", soon()), slots.hold("a", soon()) as alone:
        assert not alone
    with slots.hold("a", soon()) as alone:
        assert not alone
    time.sleep(CROWD_MEMORY * 1.5)
    with slots.hold("a", soon()) as alone:
        assert alone


def test_requests_that_do_not_wait_leave_room(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = FairScheduler(2)
    assert not slots.leave_room()
    with slots.hold("a", soon()), slots.hold("b", soon()):
        assert slots.leave_room()
    assert slots.leave_room()
    monkeypatch.setattr("backends.host.scheduling.fair_scheduler.STREAM_MEMORY", 0.0)
    assert not slots.leave_room()


def test_a_request_that_had_to_wait_tells_that_there_is_no_room() -> None:
    slots = FairScheduler(1)
    with slots.hold("a", soon()), pytest.raises(DeadlineExceeded), slots.hold("b", time.monotonic() + 0.01):
        pass
    assert not slots.leave_room()
    time.sleep(CROWD_MEMORY * 1.5)
    with slots.hold("a", soon()):
        assert slots.leave_room()


def test_a_full_house_answers_at_once_and_says_when_to_come_back() -> None:
    admission = Admission(2)
    with admission.enter(), admission.enter():
        started = time.monotonic()
        with pytest.raises(HostBusy) as raised, admission.enter():
            pass
        assert time.monotonic() - started < 1
        assert raised.value.retry_after > 0
    with admission.enter():
        assert admission.inside == 1


def test_work_runs_in_the_thread_that_brings_it_while_a_slot_is_free() -> None:
    slots, seen = FairScheduler(1), []
    assert slots.submit("a", soon(), lambda alone: seen.append((threading.current_thread(), alone))) is None
    assert seen == [(threading.current_thread(), True)]
    assert slots.busy() == 0


def test_work_without_a_slot_is_done_later_by_another_thread() -> None:
    slots, seen = FairScheduler(1), []
    with slots.hold("a", soon()):
        turn = slots.submit("a", soon(), lambda alone: seen.append((threading.current_thread(), alone)))
        assert turn is not None
        assert slots.waiting() == 1
    eventually(lambda: seen and slots.busy() == 0)
    ((thread, alone),) = seen
    assert thread is not threading.current_thread()
    assert not alone


def test_waiting_threads_and_work_take_turns_model_by_model() -> None:
    slots, order = FairScheduler(1), []

    def wait() -> None:
        with slots.hold("b", soon()):
            order.append("b")

    with slots.hold("first", soon()):
        for name in ("a1", "a2"):
            slots.submit("a", soon(), lambda _, name=name: order.append(name))
        in_thread(wait)
        eventually(lambda: slots.waiting() == 3)
    eventually(lambda: len(order) == 3)
    assert order == ["a1", "b", "a2"]


def test_work_can_be_withdrawn_until_its_turn_comes() -> None:
    slots, seen = FairScheduler(1), []
    with slots.hold("a", soon()):
        turn = slots.submit("a", soon(), lambda _: seen.append("withdrawn"))
        assert turn is not None
        assert slots.withdraw(turn)
        assert not slots.withdraw(turn)
        kept = slots.submit("a", soon(), lambda _: seen.append("kept"))
        assert kept is not None
    eventually(lambda: seen == ["kept"])
    assert not slots.withdraw(kept)


def test_no_more_work_than_the_slots_runs_at_once_and_none_is_lost() -> None:
    slots, most, running, done = FairScheduler(2), 0, 0, 0
    lock = threading.Lock()

    def work(_: bool) -> None:
        nonlocal most, running, done
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1
            done += 1

    threads = [in_thread(lambda: [slots.submit("a", soon(), work) for _ in range(5)]) for _ in range(8)]
    for thread in threads:
        thread.join()
    eventually(lambda: done == 40 and slots.busy() == 0)
    assert most == 2


def test_a_fault_in_work_costs_no_slot() -> None:
    slots, seen = FairScheduler(1), []

    def fail(_: bool) -> None:
        raise RuntimeError

    with slots.hold("a", soon()):
        slots.submit("a", soon(), fail)
        slots.submit("a", soon(), lambda _: seen.append("next"))
    eventually(lambda: seen == ["next"] and slots.busy() == 0)


def test_expired_work_is_not_begun() -> None:
    with pytest.raises(DeadlineExceeded):
        FairScheduler(1).submit("a", time.monotonic() - 1, lambda _: pytest.fail("it was begun"))
