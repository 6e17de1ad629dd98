"""A proxy between a client and the server that writes down every request and can spoil the answers.

It keeps the header Host, so that the server writes the proxy's own address into download addresses and the
client's whole traffic passes here.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CHUNK = 64 * 1024
UPSTREAM_SECONDS = 60
_ONE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding"})


@dataclass
class Exchange:
    """One request and what was answered. ``sent`` counts the bytes of the body that passed."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    status: int = 0
    sent: int = 0


@dataclass
class Fault:
    """What happens to the next ``times`` requests of ``method`` whose path contains ``path``.

    With ``cut_after`` the connection ends after so many bytes of the body; otherwise the proxy answers
    ``status`` and ``body`` itself, and the server never sees the request.
    """

    path: str
    method: str = "GET"
    times: int = 1
    cut_after: int | None = None
    status: int = 503
    body: bytes = b"{}"


@dataclass
class RecordingProxy:
    """Start with ``with``; clients use ``address``."""

    upstream_port: int
    exchanges: list[Exchange] = field(default_factory=list)
    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> RecordingProxy:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(UPSTREAM_SECONDS)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        return f"http://{self.host}"

    def spoil(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def requests(self, path: str, method: str = "GET") -> list[Exchange]:
        """The exchanges whose path contains ``path``, in the order in which they began."""
        with self._lock:
            return [each for each in self.exchanges if each.method == method and path in each.path]

    def begin(self, exchange: Exchange) -> Fault | None:
        """Note an exchange, and take the fault that is meant for it."""
        with self._lock:
            self.exchanges.append(exchange)
            for fault in self._faults:
                if fault.times > 0 and fault.method == exchange.method and fault.path in exchange.path:
                    fault.times -= 1
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client may open 64 connections at once: 8 files, each in 8 ranges.
    request_queue_size = 128
    proxy: RecordingProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """The exchanges are the log."""

    def _relay(self) -> None:
        self.close_connection = True
        target = urlsplit(self.path)
        exchange = Exchange(self.command, target.path, parse_qs(target.query), dict(self.headers.items()))
        fault = self.server.proxy.begin(exchange)
        if fault is not None and fault.cut_after is None:
            exchange.status, exchange.sent = fault.status, len(fault.body)
            self.send_response(fault.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(fault.body)))
            self.end_headers()
            self.wfile.write(fault.body)
            return
        self._forward(exchange, fault.cut_after if fault is not None else None)

    do_GET = do_HEAD = _relay

    def _forward(self, exchange: Exchange, cut_after: int | None) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.proxy.upstream_port, timeout=UPSTREAM_SECONDS)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _ONE_CONNECTION}
            upstream.request(self.command, self.path, headers={**headers, "Connection": "close"})
            response = upstream.getresponse()
            exchange.status = response.status
            self.send_response_only(response.status, response.reason)
            for name, value in response.getheaders():
                if name.lower() not in _ONE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            while cut_after is None or exchange.sent < cut_after:
                wanted = CHUNK if cut_after is None else min(CHUNK, cut_after - exchange.sent)
                chunk = response.read1(wanted)
                if not chunk:
                    return
                self.wfile.write(chunk)
                exchange.sent += len(chunk)
        finally:
            upstream.close()
