"""Work of downloads by turns: one after the other, and nobody waits for a slow disk."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver import Limits
from receiver.limits import Share
from receiver.resources import Resources

THREADS = 8


def _answers(_environ: object, _start: object) -> list[bytes]:
    return []


@pytest.fixture
def resources() -> Resources:
    share = Share(places=1, bytes=1)
    limits = Limits(
        threads=1,
        known=share,
        anonymous=share,
        most_bytes=1,
        uploads=1,
        downloads=1,
        least_rate=1,
        patience=1,
        deadline=1,
    )
    return Resources(_answers, limits, lambda environ: False)


def _run(work: Callable[[ThreadPoolExecutor], Coroutine[None, None, None]]) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        asyncio.run(work(threads))


def test_quick_pieces_are_never_worked_on_at_the_same_time(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine the quickest piece may take longer than a turn.
    monkeypatch.setattr("receiver.resources.TURN_SECONDS", 60)
    at_once, most = 0, 0
    counting = threading.Lock()

    def piece() -> None:
        nonlocal at_once, most
        with counting:
            at_once += 1
            most = max(most, at_once)
        for _ in range(100):
            pass
        with counting:
            at_once -= 1

    async def work(threads: ThreadPoolExecutor) -> None:
        await asyncio.gather(*[resources.in_turn(threads, piece) for _ in range(200)])

    _run(work)
    assert most == 1


def test_a_piece_that_waits_for_its_disk_does_not_hold_up_the_others(resources: Resources) -> None:
    arrived = threading.Event()

    async def work(threads: ThreadPoolExecutor) -> None:
        slow = asyncio.ensure_future(resources.in_turn(threads, arrived.wait, 60))
        await asyncio.sleep(0)
        assert await resources.in_turn(threads, lambda: "quick") == "quick"
        assert not slow.done()
        arrived.set()
        assert await slow

    _run(work)


def test_an_error_is_that_of_its_own_piece(resources: Resources) -> None:
    def broken() -> None:
        raise OSError("the disk is gone")

    async def work(threads: ThreadPoolExecutor) -> None:
        found = await asyncio.gather(
            resources.in_turn(threads, broken), resources.in_turn(threads, lambda: 1), return_exceptions=True
        )
        assert isinstance(found[0], OSError)
        assert found[1] == 1

    _run(work)
