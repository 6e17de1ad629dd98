"""Messages on the host's Unix socket: a fixed prefix, a JSON header, then the raw bytes it refers to.

A message is any JSON value that may also hold ``bytes`` and NumPy arrays. Those leave the header as blobs:
they are handed to the kernel from where they lie (``sendmsg``) and received straight into one buffer
(``recv_into``), of which the receiver gets views. Nothing is ever unpickled.

    prefix   4 bytes magic, u32 header length, u32 number of blobs, u64 total blob length, 8 bytes marker
    header   UTF-8 JSON, with spaces behind it up to a multiple of 8; a blob in it is {"<marker>": index} (bytes) or
             {"<marker>": index, "dtype": "<f4", "shape": [...]} (array, C order)
    sizes    u64 for each blob

The marker is random in every message, so that no user's parameter can pass for a blob.
"""

from __future__ import annotations

import json
import math
import os
import select
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.errors import ProtocolError, RequestTooLarge

MAGIC = b"WBH2"
# The host's first byte on a new connection. Until it has come, nothing that was sent can have been begun: a dying
# process takes connections for a moment longer than it serves them.
WELCOME = b"+"
CROWDED = b"-"
PREFIX = struct.Struct("!4sIIQ8s")
MAX_BLOBS = 4096
MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_BLOB_BYTES = 1024 * 1024 * 1024
# The kernel takes at most IOV_MAX (1024) pieces in one call.
PIECES_PER_CALL = 512


@dataclass(frozen=True)
class Limits:
    """The largest message that is received, in bytes."""

    header: int = MAX_HEADER_BYTES
    blobs: int = MAX_BLOB_BYTES


class ConnectionLost(Exception):
    """The other side has closed the connection, between messages or within one."""


def send(connection: socket.socket, body: Any) -> None:
    """Send one message. Raises RequestTooLarge before the first byte leaves, OSError when the peer is gone."""
    nonce = os.urandom(8)
    marker = nonce.hex()
    blobs: list[memoryview] = []

    def divert(value: object) -> Any:
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            if value.dtype.kind not in "biuf":
                raise TypeError(f"arrays of {value.dtype} do not travel")
            described = {"dtype": value.dtype.str, "shape": list(value.shape)}
            blobs.append(_flat(np.ascontiguousarray(value).data))
            return {marker: len(blobs) - 1, **described}
        if isinstance(value, (bytes, bytearray, memoryview)):
            blobs.append(_flat(memoryview(value)))
            return {marker: len(blobs) - 1}
        raise TypeError(f"{type(value).__name__} does not travel")

    header = json.dumps(body, default=divert, separators=(",", ":"), allow_nan=False).encode()
    # The first array behind it shall lie where its elements are aligned.
    header += b" " * (-len(header) % 8)
    sizes = [blob.nbytes for blob in blobs]
    total = sum(sizes)
    if len(header) > MAX_HEADER_BYTES or total > MAX_BLOB_BYTES or len(blobs) > MAX_BLOBS:
        raise RequestTooLarge("The message for the model host is too large.")
    prefix = PREFIX.pack(MAGIC, len(header), len(blobs), total, nonce)
    start = prefix + header + struct.pack(f"!{len(sizes)}Q", *sizes)
    _send_pieces(connection, [memoryview(start), *blobs])


def receive(connection: socket.socket, limits: Limits | None = None) -> Any:
    """Receive one message; bytes come back as read-only memoryviews, arrays as read-only arrays.

    Raises ConnectionLost at the end of the stream, RequestTooLarge for an announced size above the limits,
    ProtocolError for anything that is not a message. After the last two the connection is of no more use.
    """
    limits = limits or Limits()
    prefix = bytearray(PREFIX.size)
    _receive_into(connection, memoryview(prefix))
    magic, header_length, count, total, nonce = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise ProtocolError("The bytes on the host's socket are not a message.")
    if header_length > limits.header or total > limits.blobs or count > MAX_BLOBS:
        raise RequestTooLarge("The request is larger than the model host takes.")
    sizes_length = 8 * count
    # In one piece, and not a bytearray: that would be filled with zeros first.
    rest = np.empty(header_length + sizes_length + total, dtype=np.uint8).data
    _receive_into(connection, rest)
    rest = rest.toreadonly()
    sizes = struct.unpack_from(f"!{count}Q", rest, header_length)
    return _parse(bytes(rest[:header_length]), sizes, rest[header_length + sizes_length :], nonce.hex())


def is_silent(connection: socket.socket, seconds: float = 0.0) -> bool:
    """Whether the other side neither sends anything nor closes the connection within ``seconds``."""
    # Not select(): it cannot take the high descriptors of a busy server.
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return not poll.poll(max(0.0, seconds) * 1000)


def _parse(header: bytes, sizes: Sequence[int], payload: memoryview, marker: str) -> Any:
    blobs: list[memoryview] = []

    def restore(value: dict[str, Any]) -> Any:
        if marker not in value:
            return value
        blob = blobs[value[marker]]
        if "dtype" not in value:
            return blob
        dtype = np.dtype(str(value["dtype"]))
        shape = tuple(int(size) for size in value["shape"])
        if dtype.kind not in "biuf" or math.prod(shape) * dtype.itemsize != blob.nbytes:
            raise ProtocolError("An array in the message contradicts its own description.")
        return np.frombuffer(blob, dtype=dtype).reshape(shape)

    try:
        if sum(sizes) != payload.nbytes:
            raise ProtocolError("The sizes in the message do not add up.")
        start = 0
        for size in sizes:
            blobs.append(payload[start : start + size])
            start += size
        return json.loads(header, object_hook=restore if blobs else None)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ProtocolError("The header of the message cannot be read.") from error


def _flat(view: memoryview) -> memoryview:
    if view.nbytes == 0:
        return memoryview(b"")
    return view.cast("B") if view.ndim != 1 or view.format != "B" else view


def _send_pieces(connection: socket.socket, pieces: Sequence[memoryview]) -> None:
    remaining = [piece for piece in pieces if piece.nbytes]
    while remaining:
        sent = connection.sendmsg(remaining[:PIECES_PER_CALL])
        while remaining and sent >= remaining[0].nbytes:
            sent -= remaining.pop(0).nbytes
        if sent:
            remaining[0] = remaining[0][sent:]


def _receive_into(connection: socket.socket, view: memoryview) -> None:
    while view.nbytes:
        received = connection.recv_into(view)
        if received == 0:
            raise ConnectionLost
        view = view[received:]
