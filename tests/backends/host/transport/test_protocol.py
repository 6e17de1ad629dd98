"""Messages on the host's socket: what goes in comes out, and nothing else passes for a message."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from backends.errors import ProtocolError, RequestTooLarge
from backends.host.transport import protocol

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = socket.socketpair()
    left.settimeout(10)
    right.settimeout(10)
    with left, right:
        yield left, right


def exchange(pair: Pair, body: Any) -> Any:
    sender = threading.Thread(target=protocol.send, args=(pair[0], body))
    sender.start()
    received = protocol.receive(pair[1])
    sender.join()
    return received


def raw_message(header: bytes, sizes: Sequence[int], payload: bytes, marker: bytes = b"12345678") -> bytes:
    """A message as it lies on the wire, well-formed or not."""
    prefix = protocol.PREFIX.pack(protocol.MAGIC, len(header), len(sizes), len(payload), marker)
    return prefix + header + struct.pack(f"!{len(sizes)}Q", *sizes) + payload


def test_plain_values_arrive_as_they_were(pair: Pair) -> None:
    body = {"name": "ä", "list": [1, 2.5, None, True], "nested": {"a": {}}}
    assert exchange(pair, body) == body


def test_bytes_arrive_as_views(pair: Pair) -> None:
    received = exchange(pair, {"images": [b"one", memoryview(b"second"), b""]})
    assert [bytes(image) for image in received["images"]] == [b"one", b"second", b""]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        np.arange(24, dtype=np.int64).reshape(4, 6)[:, ::2],
        np.array(7, dtype=np.uint8),
        np.zeros((0, 4), dtype=np.float64),
        np.array([True, False]),
        np.array([1.5, 2.5], dtype=np.float16),
    ],
)
def test_arrays_keep_type_shape_and_values(pair: Pair, array: np.ndarray) -> None:
    received = exchange(pair, {"array": array})["array"]
    assert received.dtype == array.dtype
    np.testing.assert_array_equal(received, array)
    assert received.shape == array.shape


def test_arrays_arrive_where_their_elements_are_aligned(pair: Pair) -> None:
    for length in range(20):
        received = exchange(pair, {"x" * length: np.zeros(3)})["x" * length]
        assert received.flags.aligned


def test_many_megabytes_arrive_whole(pair: Pair) -> None:
    big = np.random.default_rng(0).integers(0, 255, 20_000_000, dtype=np.uint8)
    np.testing.assert_array_equal(exchange(pair, [big, b"after"])[0], big)


def test_more_blobs_than_one_system_call_takes(pair: Pair) -> None:
    blobs = [bytes([number % 256]) * 3 for number in range(1500)]
    assert [bytes(blob) for blob in exchange(pair, blobs)] == blobs


def test_a_parameter_cannot_pass_for_a_blob(pair: Pair) -> None:
    body = {"parameters": {"31323334": 0, "": 0, "dtype": "|O", "shape": [1]}, "image": b"x"}
    assert exchange(pair, body)["parameters"] == body["parameters"]


def test_objects_do_not_travel(pair: Pair) -> None:
    with pytest.raises(TypeError):
        protocol.send(pair[0], {"array": np.array([object()])})


def test_what_is_not_finite_does_not_travel_as_json(pair: Pair) -> None:
    with pytest.raises(ValueError, match="JSON"):
        protocol.send(pair[0], {"confidence": float("nan")})


def test_an_array_of_objects_is_refused(pair: Pair) -> None:
    header = json.dumps({b"12345678".hex(): 0, "dtype": "|O", "shape": [1]}).encode()
    pair[0].sendall(raw_message(header, [8], b"\0" * 8))
    with pytest.raises(ProtocolError):
        protocol.receive(pair[1])


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        raw_message(b"no json", [], b""),
        raw_message(b"", [], b""),
        raw_message(b"[" * 100_000, [], b""),
        raw_message(b"1", [2], b"abc"),
        raw_message(b"1", [2**64 - 1, 4], b"abc"),
        raw_message(b'{"3132333435363738":5}', [3], b"abc"),
        raw_message(b'{"3132333435363738":0,"dtype":"<f4","shape":[9]}', [3], b"abc"),
        raw_message(b'{"3132333435363738":0,"dtype":"what","shape":[3]}', [3], b"abc"),
    ],
)
def test_it_refuses_what_is_no_message(pair: Pair, sent: bytes) -> None:
    pair[0].sendall(sent)
    with pytest.raises(ProtocolError):
        protocol.receive(pair[1])


@pytest.mark.parametrize("sizes", [(protocol.MAX_HEADER_BYTES + 1, 0), (10, 2**60)])
def test_it_refuses_an_announced_size_before_it_allocates(pair: Pair, sizes: tuple[int, int]) -> None:
    pair[0].sendall(protocol.PREFIX.pack(protocol.MAGIC, sizes[0], 1, sizes[1], b"12345678"))
    with pytest.raises(RequestTooLarge):
        protocol.receive(pair[1])


@pytest.mark.parametrize("part", [0, 5, protocol.PREFIX.size + 2])
def test_an_end_within_a_message_is_a_lost_connection(pair: Pair, part: int) -> None:
    pair[0].sendall(raw_message(b"[1]", [], b"")[:part])
    pair[0].close()
    with pytest.raises(protocol.ConnectionLost):
        protocol.receive(pair[1])
