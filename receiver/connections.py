"""Ending connections whose other side stands still, which the server has no way to ask for. Linux alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Iterator

_DESCRIPTORS = "/proc/self/fd"
GATHERING_SECONDS = 0.2


def bound_silence(seconds: float) -> None:
    """Have the kernel end every later connection whose peer takes nothing of what was sent for ``seconds``."""
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for each in _sockets():
        with contextlib.suppress(OSError):
            if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


class Cutter:
    """Ends connections, many of them by one look at all: those who stand still often came together."""

    def __init__(self) -> None:
        self._clients: set[tuple[str, int]] = set()
        self._looks: set[asyncio.Task[None]] = set()

    def cut(self, client: tuple[str, int]) -> None:
        """End the connection from ``client`` (address and port) soon, whatever is still to be sent on it."""
        if not self._clients:
            look = asyncio.get_running_loop().create_task(self._look())
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)
        self._clients.add((client[0], int(client[1])))

    async def _look(self) -> None:
        await asyncio.sleep(GATHERING_SECONDS)
        clients, self._clients = self._clients, set()
        await asyncio.to_thread(_cut, clients)


def _cut(clients: set[tuple[str, int]]) -> None:
    for each in _sockets():
        with contextlib.suppress(OSError):
            if each.getpeername()[:2] in clients:
                # Without lingering: behind data that nobody takes, the news of the end would never leave.
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                each.shutdown(socket.SHUT_RDWR)


def _sockets() -> Iterator[socket.socket]:
    """The TCP sockets of this process, each under a descriptor of its own that ends with the step."""
    try:
        descriptors = os.listdir(_DESCRIPTORS)
    except OSError:
        return
    for name in descriptors:
        try:
            if not os.readlink(f"{_DESCRIPTORS}/{name}").startswith("socket:"):
                continue
            each = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        with each:
            if each.family in {socket.AF_INET, socket.AF_INET6} and each.type == socket.SOCK_STREAM:
                yield each
