"""A server of the project in a process of its own, and what it costs to ask it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
DEMO_IMAGE = ROOT / "demo" / "images" / "meadow.jpg"


@dataclass(frozen=True)
class Server:
    """A server that runs: where it listens, and its process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self._processes())

    def memory(self) -> int:
        """Bytes that the processes hold for themselves (unique set size: shared pages do not count)."""
        return sum(process.memory_full_info().uss for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        process = psutil.Process(self.pid)
        return [process, *process.children(recursive=True)]


@dataclass(frozen=True)
class Load:
    """What a number of requests took: seconds by the clock, and seconds of the server's processors."""

    requests: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.cpu_seconds / self.requests * 1000


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[Server]:
    """As `manage.py serve` starts it, one worker, with `bench._settings`."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "asginl", "--port", str(port), "--no-ws", "--http", "1",
        "--log-level", "error", "config.asgi:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=server_environment(environment), stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/bench/empty")
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def server_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "bench._settings", **environment}


def wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).read()  # noqa: S310 - our own address
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"Nothing answers at {address}.")


def load(server: Server, paths: Iterable[str], *, token: str, seconds: float, clients: int = 4) -> Load:
    """Ask for ``paths`` in turn over kept-alive connections, each at once again. An answer other than 200 ends all.

    The client is bare sockets: the fewer cycles it takes, the more the server has.
    """
    requests = cycle(
        [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode() for path in paths]
    )
    lock = threading.Lock()
    counts = [0] * clients
    failures: list[str] = []
    cpu_before, started = server.cpu_seconds(), time.perf_counter()
    end = started + seconds

    def ask(number: int) -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            while time.perf_counter() < end and not failures:
                with lock:
                    request = next(requests)
                connection.sendall(request)
                status = _read_answer(connection)
                if status != b"200":
                    failures.append(status.decode())
                counts[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    if failures:
        raise SystemExit(f"The server answered {failures[0]}.")
    return Load(sum(counts), elapsed, server.cpu_seconds() - cpu_before)


def _read_answer(connection: socket.socket) -> bytes:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _receive(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    left = length - len(body)
    while left > 0:
        left -= len(_receive(connection))
    return head[9:12]


def _receive(connection: socket.socket) -> bytes:
    block = connection.recv(1 << 20)
    if not block:
        raise SystemExit("The server closed the connection.")
    return block
