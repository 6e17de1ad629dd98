"""Work goes round the models, deadlines hold in the queue, and a full house answers at once."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import pytest
from host_running import eventually

from backends.errors import DeadlineExceeded, HostBusy
from backends.host.scheduling.fair_scheduler import CROWD_MEMORY_SECONDS, Admission, FairScheduler, HeavyImages


def soon() -> float:
    return time.monotonic() + 20


def in_thread(work: object) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def ask_alone(scheduler: FairScheduler) -> bool:
    """Whether a piece of work that is brought now counts as alone."""
    seen: list[bool] = []
    scheduler.submit("a", soon(), seen.append)
    (alone,) = seen
    return alone


@contextlib.contextmanager
def occupied(scheduler: FairScheduler) -> Iterator[None]:
    """All that may be done at once is being done, for the length of the block."""
    goes_on = threading.Event()
    for _ in range(scheduler.concurrency):
        scheduler.submit("occupied", soon(), lambda _: goes_on.wait(20) and None, here=False)
    try:
        yield
    finally:
        goes_on.set()


def test_no_more_than_its_concurrency_is_done_at_once_and_nothing_is_lost() -> None:
    scheduler, most, running, done = FairScheduler(2), 0, 0, 0
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

    threads = [
        in_thread(lambda: [scheduler.submit("a", soon(), work, here=number % 2 == 0) for number in range(5)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.join()
    eventually(lambda: done == 40 and scheduler.busy() == 0)
    assert most == 2


def test_a_busy_model_does_not_starve_another() -> None:
    scheduler, order = FairScheduler(1), []
    with occupied(scheduler):
        for name in ("a1", "a2", "a3", "b"):
            scheduler.submit(name[0], soon(), lambda _, name=name: order.append(name))
        assert scheduler.waiting() == 4
    eventually(lambda: len(order) == 4)
    assert order == ["a1", "b", "a2", "a3"]


def test_expired_work_is_not_begun_even_where_there_is_room() -> None:
    with pytest.raises(DeadlineExceeded):
        FairScheduler(1).submit("a", time.monotonic() - 1, lambda _: pytest.fail("it was begun"))


def test_work_by_itself_is_alone() -> None:
    assert ask_alone(FairScheduler(2))


def test_a_second_piece_of_work_is_not_alone_and_leaves_a_memory_of_a_crowd() -> None:
    scheduler, seen = FairScheduler(2), []
    scheduler.submit("a", soon(), lambda _: seen.append(ask_alone(scheduler)))
    assert seen == [False]
    assert not ask_alone(scheduler)
    time.sleep(CROWD_MEMORY_SECONDS * 1.5)
    assert ask_alone(scheduler)


def test_it_runs_in_the_thread_that_brings_it_while_there_is_room() -> None:
    scheduler, seen = FairScheduler(1), []
    scheduler.submit("a", soon(), lambda alone: seen.append((threading.current_thread(), alone)))
    assert seen == [(threading.current_thread(), True)]
    assert scheduler.busy() == 0


def test_it_runs_in_another_thread_if_it_is_to() -> None:
    scheduler, seen = FairScheduler(2), []
    scheduler.submit("a", soon(), lambda alone: seen.append((threading.current_thread(), alone)), here=False)
    eventually(lambda: seen and scheduler.busy() == 0)
    ((thread, alone),) = seen
    assert thread is not threading.current_thread()
    assert not alone


def test_without_room_it_is_done_later_by_another_thread() -> None:
    scheduler, seen = FairScheduler(1), []
    with occupied(scheduler):
        scheduler.submit("a", soon(), lambda alone: seen.append((threading.current_thread(), alone)))
        assert (scheduler.waiting(), seen) == (1, [])
    eventually(lambda: seen and scheduler.busy() == 0)
    ((thread, alone),) = seen
    assert thread is not threading.current_thread()
    assert not alone


def test_it_can_be_withdrawn_until_its_turn_comes() -> None:
    scheduler, seen = FairScheduler(1), []
    with occupied(scheduler):
        ticket = scheduler.submit("a", soon(), lambda _: seen.append("withdrawn"))
        assert scheduler.withdraw(ticket)
        assert not scheduler.withdraw(ticket)
        assert scheduler.waiting() == 0
        kept = scheduler.submit("a", soon(), lambda _: seen.append("kept"))
    eventually(lambda: seen == ["kept"])
    assert not scheduler.withdraw(kept)


def test_a_fault_in_work_costs_no_room() -> None:
    scheduler, seen = FairScheduler(1), []

    def fail(_: bool) -> None:
        raise RuntimeError

    with occupied(scheduler):
        scheduler.submit("a", soon(), fail)
        scheduler.submit("a", soon(), lambda _: seen.append("next"))
    eventually(lambda: seen == ["next"] and scheduler.busy() == 0)


def test_a_full_house_answers_at_once_and_says_when_to_come_back() -> None:
    admission = Admission(2)
    with admission.enter(), admission.enter():
        started = time.monotonic()
        with pytest.raises(HostBusy) as raised, admission.enter():
            pass
        assert time.monotonic() - started < 1
        assert raised.value.retry_after > 0
    with admission.enter():
        pass


def test_few_heavy_images_are_decoded_at_once_few_wait_and_the_next_is_refused() -> None:
    heavy, goes_on, begun = HeavyImages(1), threading.Event(), []

    def decode() -> None:
        begun.append(True)
        goes_on.wait(20)

    futures = [heavy.submit(decode) for _ in range(3)]
    with pytest.raises(HostBusy):
        heavy.submit(decode)
    eventually(lambda: len(begun) == 1)
    assert futures[2].cancel()
    heavy.submit(decode)
    goes_on.set()
    eventually(lambda: len(begun) == 3)
