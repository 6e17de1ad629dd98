"""Fetching an image from an address that a client names; off unless ALLOW_IMAGE_URLS is set.

A server that fetches what it is told can be made to ask its own network. Therefore: https only, every address
of the name must be a public one, the connection goes to the very address that was checked (a name that
resolves differently a moment later changes nothing), each redirect is checked like the first address, proxies
of the environment are ignored, and bytes and time are limited.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

from inference_app.errors import RemoteImageRefused, RemoteImagesOff

MAX_REDIRECTS = 3
TIMEOUT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
CHUNK = 64 * 1024
MAX_ADDRESS_LENGTH = 2048
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def fetch_image(address: str) -> bytes:
    """The bytes at ``address``, at most MAX_IMAGE_BYTES. Raises RemoteImagesOff and RemoteImageRefused."""
    if not settings.ALLOW_IMAGE_URLS:
        raise RemoteImagesOff
    deadline = time.monotonic() + TOTAL_SECONDS
    for _ in range(MAX_REDIRECTS + 1):
        target = _checked(address)
        try:
            found = _get(target, deadline)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # The reason would tell a stranger what our network looks like.
            raise RemoteImageRefused from error
        if isinstance(found, bytes):
            return found
        address = urljoin(address, found)
    raise RemoteImageRefused("The address redirects too often.")


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as texts."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network, whatever form it is written in."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        # An address of the other family inside this one is judged by what it stands for.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _nat64(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _checked(address: str) -> SplitResult:
    if len(address) > MAX_ADDRESS_LENGTH or any(ord(character) <= 32 for character in address):
        raise RemoteImageRefused("The address is not well-formed.")
    try:
        target = urlsplit(address)
        port = target.port
    except ValueError as error:
        raise RemoteImageRefused("The address is not well-formed.") from error
    if target.scheme != "https" or not target.hostname or port == 0:
        raise RemoteImageRefused("The address does not begin with https://.")
    if target.username is not None or target.password is not None:
        raise RemoteImageRefused("The address holds a user name.")
    return target


def _get(target: SplitResult, deadline: float) -> bytes | str:
    """The body, or the next address of a redirect."""
    host, port = target.hostname or "", target.port or 443
    addresses = resolve(host, port)
    if not addresses or not all(is_public(address) for address in addresses):
        raise RemoteImageRefused("The address is not on the public network.")
    connection = _PinnedConnection(host, port, addresses[0])
    # The time limit of a socket holds for each read alone: a server that sends a byte now and then never meets it.
    watch = threading.Timer(max(0.0, deadline - time.monotonic()), connection.abandon)
    watch.daemon = True
    watch.start()
    try:
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("GET", path, headers={"Accept": "image/*", "User-Agent": "weighbridge"})
        response = connection.getresponse()
        if response.status in REDIRECTS:
            location = response.getheader("Location")
            if not location:
                raise RemoteImageRefused
            return location
        if response.status != 200:
            raise RemoteImageRefused("The address does not answer with an image.")
        return _limited(response, deadline)
    finally:
        watch.cancel()
        connection.close()


def _limited(response: http.client.HTTPResponse, deadline: float) -> bytes:
    limit = settings.MAX_IMAGE_BYTES
    declared = response.getheader("Content-Length")
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise RemoteImageRefused(f"The image is larger than the {limit} bytes that this server takes.")
    chunks, received = [], 0
    while chunk := response.read1(CHUNK):
        received += len(chunk)
        if received > limit:
            raise RemoteImageRefused(f"The image is larger than the {limit} bytes that this server takes.")
        if time.monotonic() > deadline:
            break
        chunks.append(chunk)
    # Also at its end, since an abandoned connection looks like one.
    if time.monotonic() > deadline:
        raise RemoteImageRefused("The image did not arrive in time.")
    return b"".join(chunks)


class _PinnedConnection(http.client.HTTPSConnection):
    """Connects to an address that was checked, and verifies the certificate of the name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=_tls_context())
        self._address = address
        self._abandoned = False

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        # What is connected to is checked once more: the last word is the socket's, not the resolver's.
        if not is_public(plain.getpeername()[0]):
            plain.close()
            raise RemoteImageRefused("The address is not on the public network.")
        self.sock = _tls_context().wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        if self._abandoned:
            raise TimeoutError
        self.sock.do_handshake()

    def abandon(self) -> None:
        """End whatever another thread waits for on this connection; it gets an error or the end of the data."""
        self._abandoned = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                # Not that of SSLSocket, which would have the other thread take what still comes for plain text.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()
