"""Answers of the WSGI application, and sending them piece by piece, each in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from receiver.pace import Pace, now
from receiver.resources import Application

Send = Callable[[Any], Awaitable[None]]

# The server holds up to eight pieces for a client that does not read.
PIECE_BYTES = 64 * 1024


@dataclass
class Answer:
    """Status and headers, the beginning of the body, and what is left of it; None where the beginning is all."""

    status: int
    headers: list[tuple[str, str]]
    beginning: bytes
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = field(default=lambda: None)


def ask(application: Application, environ: dict[str, Any]) -> Answer:
    """Run the application, in a thread. A body that is no larger than a piece is whole, and closed, in the answer."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        started[:] = int(status[:3]), headers

    result = application(environ, start_response)
    close = getattr(result, "close", lambda: None)
    try:
        rest = iter(result)
        beginning, ended = gather(rest)
    except BaseException:
        close()
        raise
    status, headers = started
    if ended:
        close()
        return Answer(status, headers, beginning)
    return Answer(status, headers, beginning, rest, close)


def gather(rest: Iterator[bytes]) -> tuple[bytes, bool]:
    """The next piece's worth of bytes at least, or all that is left; and whether that was all."""
    parts: list[bytes] = []
    size = 0
    for part in rest:
        parts.append(part)
        size += len(part)
        if size >= PIECE_BYTES:
            return b"".join(parts), False
    return parts[0] if len(parts) == 1 else b"".join(parts), True


async def send_start(send: Send, answer: Answer, *, last: bool) -> None:
    """Status and headers. ``last``: no other request is answered on this connection."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if last:
        headers = [header for header in headers if header[0] != b"connection"]
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


async def send_body(send: Send, body: bytes, pace: Pace, left: asyncio.Event) -> bool:
    """Send ``body`` in pieces; False where the client left. Raises TimeoutError where it does not read."""
    for start in range(0, len(body), PIECE_BYTES):
        # Sending never fails and may never wait: without a turn, the loop would not hear that the client left.
        await asyncio.sleep(0)
        if left.is_set():
            return False
        piece = body[start : start + PIECE_BYTES]
        since = now()
        async with asyncio.timeout(pace.left):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        pace.moved(len(piece), since)
        if pace.left <= 0:
            raise TimeoutError
    return True


async def send_end(send: Send, body: bytes = b"") -> None:
    await send({"type": "http.response.body", "body": body, "more_body": False})
