"""Batches are formed up to a size and a wait, from what fits together, without what has expired."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import pytest
from host_running import eventually

from backends.errors import DeadlineExceeded, InferenceFailed, ModelClosed
from backends.host.scheduling.batcher import Batcher


@dataclass(frozen=True)
class Number:
    value: int
    batch_key: Any = 0


class Runner:
    """Doubles numbers; can be held up, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, batch: Sequence[Number]) -> list[int]:
        self.batches.append([number.value for number in batch])
        assert self.gate.wait(20)
        return [2 * number.value for number in batch]


def batcher(run: Callable[[Sequence[Any]], Sequence[Any]], **changes: Any) -> Batcher:
    return Batcher(run, **{"max_size": 4, "max_wait": 0.0, **changes})


def submit(batches: Batcher, value: int, key: Any = 0, seconds: float = 20.0) -> Future[Any]:
    """The answer for a number, once it is there."""
    future: Future[Any] = Future()

    def finish(answer: Any) -> None:
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    batches.submit(Number(value, key), time.monotonic() + seconds, finish)
    return future


def test_each_request_gets_its_own_answer() -> None:
    batches = batcher(Runner(), max_wait=0.01)
    futures = [submit(batches, number) for number in range(20)]
    assert [future.result(20) for future in futures] == [2 * number for number in range(20)]
    batches.close()


def test_requests_that_wait_together_run_together() -> None:
    runner = Runner()
    batches = batcher(runner)
    runner.gate.clear()
    submit(batches, 0)
    eventually(lambda: runner.batches == [[0]])
    futures = [submit(batches, number) for number in range(1, 5)]
    runner.gate.set()
    assert [future.result(20) for future in futures] == [2, 4, 6, 8]
    assert runner.batches == [[0], [1, 2, 3, 4]]
    batches.close()


def test_it_waits_for_company_but_not_longer_than_allowed() -> None:
    runner = Runner()
    batches = batcher(runner, max_wait=0.2, max_size=2)
    started = time.monotonic()
    submit(batches, 1).result(20)
    assert time.monotonic() - started >= 0.19
    futures = [submit(batches, number) for number in (1, 2)]
    assert [future.result(20) for future in futures] == [2, 4]
    assert runner.batches == [[1], [1, 2]]
    batches.close()


def test_what_does_not_fit_runs_by_itself() -> None:
    runner = Runner()
    batches = batcher(runner)
    runner.gate.clear()
    submit(batches, 0)
    eventually(lambda: runner.batches == [[0]])
    futures = [submit(batches, value, key) for value, key in ((1, "small"), (2, "large"), (3, "small"))]
    runner.gate.set()
    assert [future.result(20) for future in futures] == [2, 4, 6]
    assert runner.batches == [[0], [1, 3], [2]]
    batches.close()


def test_expired_requests_are_dropped_before_the_run() -> None:
    runner = Runner()
    batches = batcher(runner)
    runner.gate.clear()
    submit(batches, 1)
    eventually(lambda: runner.batches == [[1]])
    expired = submit(batches, 2, seconds=0.05)
    time.sleep(0.06)
    runner.gate.set()
    with pytest.raises(DeadlineExceeded):
        expired.result(20)
    assert submit(batches, 3).result(20) == 6
    assert runner.batches == [[1], [3]]
    batches.close()


def test_an_error_of_the_run_reaches_all_in_the_batch() -> None:
    def fail(batch: Sequence[Any]) -> Sequence[Any]:
        raise InferenceFailed("The runtime failed.")

    batches = batcher(fail, max_wait=0.1)
    for future in [submit(batches, number) for number in range(2)]:
        with pytest.raises(InferenceFailed):
            future.result(20)
    batches.close()


def test_what_waits_when_the_batcher_closes_is_told() -> None:
    batches = batcher(Runner(), max_wait=20.0)
    waiting = submit(batches, 1)
    batches.close()
    with pytest.raises(ModelClosed):
        waiting.result(20)


def test_a_closed_batcher_refuses() -> None:
    batches = batcher(Runner())
    batches.close()
    with pytest.raises(ModelClosed):
        submit(batches, 1)
