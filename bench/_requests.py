"""A server under a load of equal requests: throughput, latency, and CPU time of all its processes."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bench._figures import Figures, figures_of
from bench._quiet import ended_children_seconds, uncounted
from bench._server import ROOT

# The reference server imports for a minute on a busy machine.
START_SECONDS = 240
STOP_SECONDS = 30
# Finer than what a start is compared by.
POLL_SECONDS = 0.02
JPEG = "image/jpeg"
OK = 200


@contextmanager
def running(
    command: Sequence[str], address: str, *, environment: Mapping[str, str], log: Path, folder: Path = ROOT
) -> Iterator[psutil.Process]:
    """A server in a process of its own, from the moment when ``address`` is answered."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    server = psutil.Process(process.pid)
    try:
        _wait_for(address, process, log)
        yield server
    finally:
        taken, counted = cpu_seconds(server), ended_children_seconds()
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        uncounted.append(max(0.0, taken - (ended_children_seconds() - counted)))


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).read()  # noqa: S310 - our own address
            return
        except OSError:
            time.sleep(POLL_SECONDS)
    raise SystemExit(f"Nothing answers at {address}.\n{log.read_text(errors='replace')[-2000:]}")


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of one request on a connection that stays open."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer_to(port: int, request: bytes) -> bytes:
    """The body of one answer. Raises SystemExit unless its status is 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        return exchange(connection, request)


def load(port: int, request: bytes, clients: int, seconds: float, server: psutil.Process) -> Figures:
    """Let ``clients`` send ``request`` again and again, each on its own connection, which stays open.

    The clients are bare sockets in threads of this process: the fewer cycles they take, the more the server has.
    """
    times: list[list[float]] = [[] for _ in range(clients)]
    failures: list[BaseException] = []
    ready = threading.Barrier(clients + 1)
    end = 0.0

    def client(mine: list[float]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
                exchange(connection, request)
                ready.wait()
                while (started := time.perf_counter()) < end and not failures:
                    exchange(connection, request)
                    mine.append(time.perf_counter() - started)
        except BaseException as error:
            failures.append(error)
            ready.abort()

    threads = [threading.Thread(target=client, args=(mine,)) for mine in times]
    for thread in threads:
        thread.start()
    end = time.perf_counter() + 600
    try:
        ready.wait()
    except threading.BrokenBarrierError:
        raise SystemExit(f"A client failed: {failures[0]}") from None
    cpu, begun = cpu_seconds(server), time.perf_counter()
    end = begun + seconds
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    if failures:
        raise SystemExit(f"A client failed: {failures[0]}")
    every = (value for mine in times for value in mine)
    return figures_of(every, elapsed=elapsed, cpu_seconds=cpu_seconds(server) - cpu)


def cpu_seconds(process: psutil.Process) -> float:
    """CPU time of a process and of all that it started."""
    total = 0.0
    # Each of them may end meanwhile.
    with suppress(psutil.NoSuchProcess):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(each.cpu_times()[:2])
    return total


def refusal_of(port: int, request: bytes) -> str:
    """Status and beginning of an answer that refuses. Raises SystemExit if its status is 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        status, body = _answer(connection, request)
    text = f"{status} {body[:300].decode(errors='replace')}"
    if status == OK:
        raise SystemExit(f"The server did not refuse: {text}")
    return text


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """Send ``request`` and return the body of the answer. Raises SystemExit unless its status is 200."""
    status, body = _answer(connection, request)
    if status != OK:
        raise SystemExit(f"The server answered {status}: {body[:300].decode(errors='replace')}")
    return body


def _answer(connection: socket.socket, request: bytes) -> tuple[int, bytes]:
    """Status and body."""
    connection.sendall(request)
    answer = bytearray()
    while b"\r\n\r\n" not in answer:
        answer += _receive(connection)
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    parts = [body]
    left = length - len(body)
    while left > 0:
        parts.append(_receive(connection))
        left -= len(parts[-1])
    return int(head[9:12]), b"".join(parts)


def _receive(connection: socket.socket) -> bytes:
    block = connection.recv(1 << 20)
    if not block:
        raise SystemExit("The server closed the connection.")
    return block
