"""Everybody who makes a server wait, in one process: `python -m bench._besiegers PORT CLIENTS`.

CLIENTS is a JSON object: how many ``bodies`` and ``readers``, the address ``file`` that the readers ask for, a
``token``, and ``images``: pairs of an address and the path of an image that is posted there. Whoever is refused or
cut off comes back. Runs until standard input ends; prints what was answered.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

INFER = "/api/v1/models/demo/shapes/infer"
BETWEEN_SECONDS = 0.5
DRIP_SECONDS = 1.7
ESTABLISHED = 1

Client = Callable[[socket.socket], Awaitable[str]]


async def main(port: int, *, bodies: int, readers: int, file: str, token: str, images: list[tuple[str, str]]) -> None:
    counts: Counter[str] = Counter()
    # Every second body has a token: it may wait where others may not.
    headers = ["", f"Authorization: Bearer {token}\r\n"]
    heads = [_head(port, f"POST {INFER}", f"{header}Content-Length: 100000\r\n") for header in headers]
    clients = [_body(heads[number % 2]) for number in range(bodies)]
    clients += [_reader(_head(port, f"GET {file}"))] * readers
    clients += [_image(port, address, Path(path).read_bytes()) for address, path in images]
    tasks = [asyncio.create_task(_again_and_again(client, port, counts)) for client in clients]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps(counts))


async def _again_and_again(client: Client, port: int, counts: Counter[str]) -> None:
    while True:
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            connection.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
                counts[await client(connection)] += 1
            except OSError:
                counts["cut off"] += 1
        await asyncio.sleep(BETWEEN_SECONDS)


def _body(head: bytes) -> Client:
    async def send(connection: socket.socket) -> str:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(connection, head)
        while True:
            try:
                async with asyncio.timeout(DRIP_SECONDS):
                    return f"body {await _status(connection)}"
            except TimeoutError:
                await loop.sock_sendall(connection, b"a")

    return send


def _reader(head: bytes) -> Client:
    async def read(connection: socket.socket) -> str:
        await asyncio.get_running_loop().sock_sendall(connection, head)
        status = await _status(connection)
        # The system knows that the server ended the connection, without a byte being read.
        while status == "200" and connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO) & 0xFF == ESTABLISHED:
            await asyncio.sleep(1)
        return f"file {status}"

    return read


def _image(port: int, address: str, content: bytes) -> Client:
    request = (
        _head(port, f"POST {address}", f"Content-Type: image/jpeg\r\nContent-Length: {len(content)}\r\n") + content
    )

    async def send(connection: socket.socket) -> str:
        await asyncio.get_running_loop().sock_sendall(connection, request)
        return f"{address.split('/')[5].partition('-')[0]} {await _status(connection)}"

    return send


def _head(port: int, first: str, headers: str = "") -> bytes:
    return f"{first} HTTP/1.1\r\nHost: localhost:{port}\r\n{headers}\r\n".encode()


async def _status(connection: socket.socket) -> str:
    answer = await asyncio.get_running_loop().sock_recv(connection, 16)
    return answer[9:12].decode() or "closed"


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), **json.loads(sys.argv[2])))
