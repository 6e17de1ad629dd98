"""A real server with the small application, and clients that are nothing but sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.conformance.house import REPOSITORY, free_port

START_SECONDS = 60


class Server:
    """The server, by its port and its worker process."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._process = process

    @property
    def worker(self) -> psutil.Process:
        (worker,) = psutil.Process(self._process.pid).children()
        return worker

    def connections(self) -> int:
        """Connections that the server holds open."""
        return sum(each.status == psutil.CONN_ESTABLISHED for each in self.worker.net_connections("tcp"))


class Wire:
    """One connection. What is sent and what is read is bytes."""

    def __init__(self, port: int, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        self._read = b""
        self.socket.connect(("127.0.0.1", port))

    def send(self, head: str, body: bytes = b"") -> Wire:
        """Send a request whose head is ``head`` after its first line's version and its Host."""
        first, _, headers = head.partition("\n")
        lines = [f"{first} HTTP/1.1", "Host: localhost", *filter(None, headers.split("\n"))]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return self

    def more(self, body: bytes) -> Wire:
        self.socket.sendall(body)
        return self

    def status(self) -> int:
        return self.answer()[0]

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by lower-case name, and body of the next answer."""
        received, self._read = self._read, b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", "0"))
        parts, missing = [body], length - len(body)
        while missing > 0:
            parts.append(self._receive())
            missing -= len(parts[-1])
        body = b"".join(parts)
        body, self._read = body[:length], body[length:]
        return int(first.split()[1]), headers, body

    def ends(self) -> bool:
        """Whether the server closes the connection, once all that it sent has been read."""
        try:
            while self.socket.recv(1 << 20):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        self.socket.close()

    def _receive(self) -> bytes:
        block = self.socket.recv(1 << 20)
        if not block:
            raise ConnectionError("The server closed the connection.")
        return block


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    log = tmp_path_factory.mktemp("receiver") / "server.log"
    command = [
        sys.executable, "-m", "granian", "--interface", "asginl", "--http", "1", "--no-ws", "--port", str(port),
        "tests.receiver.small_application:receiver",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(port, process, log)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., Wire]]:
    """Opens connections, all of which end with the test."""
    wires: list[Wire] = []

    def open_one(**options: int) -> Wire:
        wires.append(Wire(server.port, **options))
        return wires[-1]

    yield open_one
    for wire in wires:
        wire.close()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            Wire(port).send("GET /").status()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(log.read_text())
