"""How bodies come in: whole, slow, cut, refused, and many at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from receiver.bodies import StreamedBody
from tests.receiver.conftest import Wire
from tests.receiver.small_application import DEADLINE, MOST_BYTES

Connect = Callable[..., Wire]


def slow(connect: Connect, path: str = "/read", headers: str = "") -> Wire:
    """A request whose body does not come."""
    return connect().send(f"POST {path}\nContent-Length: 1000\n{headers}", b"a")


def test_a_body_reaches_the_application_whole(connect: Connect) -> None:
    assert connect().send("POST /read\nContent-Length: 200000", bytes(200_000)).answer()[2] == b"200000"


def test_a_body_in_chunks_has_a_length_by_the_time_it_is_read(connect: Connect) -> None:
    wire = connect().send(
        "POST /length\nTransfer-Encoding: chunked", b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: no\r\n\r\n"
    )

    assert wire.answer()[2] == b"5 abcde"


def test_requests_that_come_at_once_are_answered_in_turn(connect: Connect) -> None:
    wire = connect().send("POST /read\nContent-Length: 3", b"abcGET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    first, second = wire.answer()[2], wire.answer()[2]
    assert (first, second) == (b"3", b"answered")


def test_who_is_refused_is_refused_before_the_body(connect: Connect) -> None:
    started = time.monotonic()
    wire = connect().send("POST /refused\nContent-Length: 1000000\nExpect: 100-continue")

    status, headers, _ = wire.answer()

    assert status == 401
    assert headers["connection"] == "close"
    assert time.monotonic() - started < DEADLINE


def test_a_small_refused_body_is_dropped_and_the_connection_stays(connect: Connect) -> None:
    wire = connect().send("POST /refused\nContent-Length: 1000", bytes(1000))

    assert wire.status() == 401
    assert wire.send("GET /").status() == 200


def test_who_asks_to_go_on_is_told_to_where_the_body_is_wanted(connect: Connect) -> None:
    wire = connect().send("POST /read\nContent-Length: 3\nExpect: 100-continue")

    assert wire.status() == 100
    assert wire.more(b"abc").answer()[2] == b"3"


def test_a_body_that_does_not_come_is_refused_as_too_slow_and_the_connection_ends(connect: Connect) -> None:
    wire = slow(connect, headers="Authorization: known")

    assert wire.answer()[2] == b"too slow"
    assert wire.ends()


def test_a_body_of_drops_is_refused_as_too_slow(connect: Connect) -> None:
    wire = connect().send("POST /read\nContent-Length: 1000\nAuthorization: known")
    wire.socket.settimeout(0.2)
    for _ in range(60):
        try:
            assert wire.more(b"a").answer()[2] == b"too slow"
            return
        except TimeoutError:
            continue
    pytest.fail("The server went on waiting.")


def test_a_body_that_is_announced_too_large_is_not_waited_for(connect: Connect) -> None:
    wire = connect().send(f"POST /read\nContent-Length: {MOST_BYTES + 1}")

    assert wire.answer()[2] == b"too large"
    assert wire.ends()


def test_a_body_in_chunks_is_counted_while_it_comes(connect: Connect) -> None:
    wire = connect().send("POST /read\nTransfer-Encoding: chunked", b"60000\r\n" + bytes(0x60000) + b"\r\n")

    assert wire.answer()[2] == b"too large"


def test_a_body_that_is_cut_is_told_from_one_that_ends(connect: Connect) -> None:
    wire = connect().send("POST /read\nTransfer-Encoding: chunked", b"3\r\nabc\r\n")
    wire.socket.shutdown(socket.SHUT_WR)

    assert wire.answer()[2] == b"cut"


def test_damaged_chunks_are_no_end_of_a_body(connect: Connect) -> None:
    wire = connect().send("POST /read\nTransfer-Encoding: chunked", b"3\r\nabc\r\nZZ\r\n")

    assert wire.answer()[2] == b"cut"


def test_a_body_of_crumbs_is_refused(connect: Connect) -> None:
    wire = connect().send("POST /read\nTransfer-Encoding: chunked\nAuthorization: known")
    try:
        for _ in range(20):
            wire.more(b"1\r\na\r\n" * 1000)
    except ConnectionError:
        pass

    assert wire.answer()[2] == b"too many pieces"


def test_slow_bodies_of_unknown_senders_leave_room_for_those_of_known_ones(connect: Connect) -> None:
    waiting = [slow(connect) for _ in range(3)]
    known = slow(connect, headers="Authorization: known")
    time.sleep(1.2)

    assert known.more(bytes(999)).answer()[2] == b"1000"
    assert sorted(wire.answer()[2] for wire in waiting) == [b"too many", b"too slow", b"too slow"]


def test_quick_bodies_need_no_place_beside_slow_ones(connect: Connect) -> None:
    _waiting = [slow(connect) for _ in range(2)]
    time.sleep(1.1)

    assert connect().send("POST /read\nContent-Length: 3", b"abc").answer()[2] == b"3"


def test_slow_bodies_hold_no_threads(connect: Connect) -> None:
    _waiting = [slow(connect, headers="Authorization: known") for _ in range(20)]

    started = time.monotonic()
    assert connect().send("GET /").status() == 200
    assert time.monotonic() - started < 1.0


def test_an_upload_is_read_while_it_comes(connect: Connect) -> None:
    wire = connect().send(f"POST /upload\nContent-Length: {4 * MOST_BYTES}", bytes(MOST_BYTES))
    for _ in range(3):
        wire.more(bytes(MOST_BYTES))

    assert wire.answer()[2] == str(4 * MOST_BYTES).encode()


def test_a_cut_upload_is_an_error_to_who_reads_it(connect: Connect) -> None:
    wire = connect().send("POST /upload\nContent-Length: 1000", b"abc")
    wire.socket.shutdown(socket.SHUT_WR)

    assert b"ended early" in wire.answer()[2]


def test_a_slow_upload_ends_and_leaves_its_place(connect: Connect) -> None:
    answers = [wire.answer()[2] for wire in [slow(connect, "/upload"), slow(connect, "/upload")]]

    assert sorted(answers) == [b"The body ended early: too slow.", b"too many"]
    assert connect().send("POST /upload\nContent-Length: 3", b"abc").answer()[2] == b"3"


def test_a_header_with_an_underscore_does_not_pass_for_another(connect: Connect) -> None:
    assert connect().send("GET /header\nX_Name: forged").answer()[2] == b"none"
    assert connect().send("GET /header\nX-Name: real").answer()[2] == b"real"


def test_a_streamed_body_is_read_by_lines_too() -> None:
    class Pieces(StreamedBody):
        def __init__(self, *pieces: bytes) -> None:
            self._pieces, self._rest, self.failed = list(pieces), b"", False

        def _next(self) -> bytes:
            return self._pieces.pop(0) if self._pieces else b""

    body = Pieces(b"one\ntw", b"o\nthr", b"ee")
    assert [body.readline(), body.readline(2), body.readline(), body.readline(), body.readline()] == [
        b"one\n", b"tw", b"o\n", b"three", b"",
    ]  # fmt: skip
