"""Whether a port can be listened on. Web servers share ports (SO_REUSEPORT), so that none of them would ever say so."""

from __future__ import annotations

import errno
import socket

ADVICE = {
    errno.EADDRINUSE: "Another program listens there. Stop it, or name another --port.",
    errno.EACCES: "Ports below 1024 are for the administrator of this machine. Name another --port.",
    errno.EADDRNOTAVAIL: "This machine does not have that address. Name one of its own with --host.",
}


class PortUnavailable(Exception):
    """Nothing can be served there; the message says why and what to do."""


def require_free(host: str, port: int) -> None:
    """Raises PortUnavailable unless this process can listen on ``port`` of ``host``, alone."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise PortUnavailable(f"The host {host} is unknown. Name an address of this machine with --host.") from error
    for family, kind, protocol, _, address in addresses:
        with socket.socket(family, kind, protocol) as probe:
            # Not what the connections of a server leave behind that has just ended.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                reason = ADVICE.get(error.errno or 0, f"{error.strerror}.")
                raise PortUnavailable(f"Cannot listen on port {port} of {host}. {reason}") from error
