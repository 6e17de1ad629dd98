"""Ending connections whose other side stands still, which the server has no way to ask for. Linux alone."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator

_DESCRIPTORS = "/proc/self/fd"


def bound_silence(seconds: float) -> None:
    """Have the kernel end every later connection whose peer takes nothing of what was sent for ``seconds``."""
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for each in _sockets():
        with contextlib.suppress(OSError):
            if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


def cut(client: tuple[str, int]) -> None:
    """End the connection from ``client`` (address and port) at once, whatever is still to be sent on it."""
    for each in _sockets():
        with contextlib.suppress(OSError):
            if each.getpeername()[:2] == client:
                each.shutdown(socket.SHUT_RDWR)
                return


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
