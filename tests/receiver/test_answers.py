"""How answers go out, whoever reads them or does not."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from tests.receiver.conftest import Server, Wire
from tests.receiver.small_application import LARGE, PATIENCE

Connect = Callable[..., Wire]
MEBIBYTE = 1024 * 1024
SMALL_BUFFER = 16 * 1024
ACCEPTED = b"HTTP/1.1 200"


def silent(connect: Connect) -> Wire:
    """A client that asks for a large file, sees that it comes, and does not read it.

    There are places for so many downloads: one that an earlier client left may be given back a moment later.
    """
    end = time.monotonic() + 20
    while True:
        wire = connect(receive_buffer=SMALL_BUFFER).send("GET /large")
        if wire.socket.recv(len(ACCEPTED), socket.MSG_WAITALL) == ACCEPTED:
            return wire
        wire.close()
        assert time.monotonic() < end
        time.sleep(0.05)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_a_large_answer_arrives_whole(connect: Connect) -> None:
    assert len(connect().send("GET /large").answer()[2]) == LARGE


def test_who_does_not_read_holds_no_thread(connect: Connect) -> None:
    _readers = [silent(connect) for _ in range(3)]

    started = time.monotonic()
    assert connect().send("GET /").status() == 200
    assert time.monotonic() - started < PATIENCE


def test_who_does_not_read_costs_little_memory(connect: Connect, server: Server) -> None:
    before = server.worker.memory_info().rss
    _readers = [silent(connect) for _ in range(3)]
    time.sleep(1)

    assert server.worker.memory_info().rss - before < LARGE


def test_who_does_not_read_is_cut_off_and_leaves_nothing(connect: Connect, server: Server) -> None:
    readers = [silent(connect) for _ in range(3)]

    assert wait_until(lambda: server.connections() == 0)
    assert connect().send("GET /large").status() == 200
    assert all(wire.ends() for wire in readers)


def test_more_downloads_than_there_may_be_are_refused(connect: Connect) -> None:
    _readers = [silent(connect) for _ in range(3)]

    assert connect().send("GET /large").answer()[2] == b"too many"


def test_a_client_that_leaves_frees_its_place_at_once(connect: Connect) -> None:
    for _ in range(3):
        silent(connect).close()

    assert wait_until(lambda: connect().send("GET /large").answer()[0] == 200, PATIENCE)


def test_a_reader_of_drops_is_cut_off(connect: Connect) -> None:
    wire = silent(connect)
    read = 0
    try:
        for _ in range(100):
            read += len(wire.socket.recv(10))
            time.sleep(0.1)
            if read == 0:
                break
    except ConnectionError:
        pass
    assert wire.ends()
