"""Batches are formed up to a size and a wait, from what fits together, without what has expired."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from host_running import eventually

from backends.errors import InferenceFailed, ModelClosed
from backends.host.errors import DeadlineExceeded, HostBusy
from backends.host.scheduling.batcher import Batcher


def soon() -> float:
    return time.monotonic() + 20


class Runner:
    """Doubles numbers; can be held up, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, batch: Sequence[Any]) -> list[int]:
        self.batches.append(list(batch))
        assert self.gate.wait(20)
        return [2 * number for number in batch]


def batcher(run: Callable[[Sequence[Any]], Sequence[Any]], **changes: Any) -> Batcher:
    return Batcher(run, **{"max_size": 4, "max_wait": 0.0, "queue_limit": 10, **changes})


def test_each_request_gets_its_own_answers_in_order() -> None:
    batches = batcher(Runner(), max_wait=0.01, queue_limit=100)
    with ThreadPoolExecutor(8) as executor:
        answers = executor.map(lambda n: batches.submit([(n, 0), (n + 100, 0)], soon()), range(8))
        assert list(answers) == [[2 * n, 2 * n + 200] for n in range(8)]
    batches.close()


def test_requests_that_wait_together_run_together() -> None:
    runner = Runner()
    batches = batcher(runner)
    runner.gate.clear()
    with ThreadPoolExecutor(8) as executor:
        executor.submit(batches.submit, [(0, 0)], soon())
        eventually(lambda: runner.batches == [[0]])
        futures = [executor.submit(batches.submit, [(n, 0)], soon()) for n in range(1, 5)]
        eventually(lambda: len(batches._queue) == 4)
        runner.gate.set()
        assert sorted(future.result()[0] for future in futures) == [2, 4, 6, 8]
    assert [len(batch) for batch in runner.batches] == [1, 4]
    batches.close()


def test_it_waits_for_company_but_not_longer_than_allowed() -> None:
    runner = Runner()
    batches = batcher(runner, max_wait=0.2, max_size=2)
    started = time.monotonic()
    batches.submit([(1, 0)], soon())
    assert time.monotonic() - started >= 0.19
    batches.submit([(1, 0), (2, 0)], soon())
    assert runner.batches == [[1], [1, 2]]
    batches.close()


def test_what_does_not_fit_runs_by_itself() -> None:
    runner = Runner()
    batches = batcher(runner)
    assert batches.submit([(1, "small"), (2, "large"), (3, "small")], soon()) == [2, 4, 6]
    assert runner.batches == [[1, 3], [2]]
    batches.close()


def test_expired_requests_are_dropped_before_the_run() -> None:
    runner = Runner()
    batches = batcher(runner)
    runner.gate.clear()
    with ThreadPoolExecutor(2) as executor:
        executor.submit(batches.submit, [(1, 0)], soon())
        eventually(lambda: runner.batches == [[1]])
        with pytest.raises(DeadlineExceeded):
            batches.submit([(2, 0)], time.monotonic() + 0.05)
        runner.gate.set()
    assert batches.submit([(3, 0)], soon()) == [6]
    assert runner.batches == [[1], [3]]
    batches.close()


def test_a_full_queue_answers_at_once() -> None:
    runner = Runner()
    batches = batcher(runner, queue_limit=1)
    runner.gate.clear()
    with ThreadPoolExecutor(2) as executor:
        executor.submit(batches.submit, [(1, 0)], soon())
        eventually(lambda: runner.batches == [[1]])
        executor.submit(batches.submit, [(2, 0)], soon())
        eventually(lambda: len(batches._queue) == 1)
        with pytest.raises(HostBusy):
            batches.submit([(3, 0)], soon())
        runner.gate.set()
    batches.close()


def test_an_error_of_the_run_reaches_all_in_the_batch() -> None:
    def fail(batch: Sequence[Any]) -> Sequence[Any]:
        raise InferenceFailed("The runtime failed.")

    batches = batcher(fail)
    for _ in range(2):
        with pytest.raises(InferenceFailed):
            batches.submit([(1, 0)], soon())
    batches.close()


def test_a_closed_batcher_refuses() -> None:
    batches = batcher(Runner())
    batches.close()
    with pytest.raises(ModelClosed):
        batches.submit([(1, 0)], soon())
