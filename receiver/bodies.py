"""Taking bodies in: whole ones into memory, large ones as a stream that a thread reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from receiver.expectations import Refusal
from receiver.limits import Limits
from receiver.pace import Pace, now
from receiver.shares import Claim

Receive = Callable[[], Awaitable[Any]]

# A body that is whole within this many seconds has not waited, and needs no place among those that do.
QUICK_SECONDS = 1.0
# After this many pieces their mean size counts: each of them costs the loop as much as a small request.
MANY_PIECES = 10_000
LEAST_MEAN_PIECE = 128
# What is left of a refused body is taken in up to this size, so that its sender reads the answer and stays connected.
DRAINED_BYTES = 64 * 1024


class BodyRefused(Exception):
    """The body will not be taken in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class Incoming:
    """The body of one request, piece by piece, each in time.

    Raises BodyRefused: TOO_SLOW, TOO_MANY_PIECES, or CUT where the client left or the framing is damaged.
    """

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive = receive
        self._pace = Pace(limits.least_rate, limits.patience)
        self._pieces = 0
        self._size = 0
        self.ended = False

    async def piece(self, within: float | None = None) -> bytes:
        """The next piece; empty at the end. Raises TimeoutError when ``within`` seconds are over first."""
        while not self.ended:
            since = now()
            left = self._pace.left
            try:
                async with asyncio.timeout(left if within is None else min(left, within)):
                    message = await self._receive()
            except TimeoutError:
                self._pace.moved(0, since)
                if self._pace.left <= 0:
                    raise BodyRefused(Refusal.TOO_SLOW) from None
                raise
            if message["type"] != "http.request":
                raise BodyRefused(Refusal.CUT)
            piece: bytes = message.get("body", b"")
            self.ended = not message.get("more_body", False)
            self._pace.moved(len(piece), since)
            if self._pace.left <= 0:
                raise BodyRefused(Refusal.TOO_SLOW)
            self._pieces += 1
            self._size += len(piece)
            if self._pieces > MANY_PIECES and self._size < self._pieces * LEAST_MEAN_PIECE:
                raise BodyRefused(Refusal.TOO_MANY_PIECES)
            if piece:
                return piece
        return b""


async def read_whole(incoming: Incoming, claim: Claim, *, most_bytes: int, deadline: float) -> bytes:
    """The whole body. Its bytes stay on ``claim``; its place, which it needs when it waits, is left at the end.

    Raises BodyRefused.
    """
    pieces: list[bytes] = []
    size = 0
    started = now()
    while True:
        waited = now() - started
        quick = waited < QUICK_SECONDS
        if not quick and not claim.place():
            raise BodyRefused(Refusal.TOO_MANY)
        if waited >= deadline:
            raise BodyRefused(Refusal.TOO_SLOW)
        try:
            piece = await incoming.piece(within=(QUICK_SECONDS if quick else deadline) - waited)
        except TimeoutError:
            continue
        if not piece:
            break
        size += len(piece)
        if size > most_bytes:
            raise BodyRefused(Refusal.TOO_LARGE)
        if not claim.bytes(len(piece)):
            raise BodyRefused(Refusal.TOO_MANY)
        pieces.append(piece)
    claim.leave_place()
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def drain(incoming: Incoming, declared: int | None) -> bool:
    """Drop what is left of a small body; whether its end was reached soon enough."""
    if declared is None or declared > DRAINED_BYTES:
        return incoming.ended
    try:
        async with asyncio.timeout(QUICK_SECONDS):
            while await incoming.piece():
                pass
    except (TimeoutError, BodyRefused):
        return False
    return True


class StreamedBody:
    """A body that a thread reads while it arrives: nothing is taken from the network before it is asked for.

    `read` raises OSError where the body was cut or came too slowly.
    """

    def __init__(self, incoming: Incoming, loop: asyncio.AbstractEventLoop) -> None:
        self._incoming = incoming
        self._loop = loop
        self._rest = b""
        self.failed = False

    @property
    def ended(self) -> bool:
        return self._incoming.ended and not self.failed

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, and fewer only at the end; all of them where it is negative."""
        pieces = [self._rest] if self._rest else []
        length = len(self._rest)
        while (size < 0 or length < size) and (piece := self._next()):
            pieces.append(piece)
            length += len(piece)
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if size < 0:
            size = len(data)
        self._rest = data[size:]
        return data[:size]

    def readline(self, size: int = -1) -> bytes:
        """Bytes up to the end of the line, at most ``size``; Django asks for this method when a request begins."""
        line = b""
        while not line.endswith(b"\n") and len(line) != size and (byte := self.read(1)):
            line += byte
        return line

    def _next(self) -> bytes:
        if self.failed:
            raise OSError("The body ended early.")
        try:
            return asyncio.run_coroutine_threadsafe(self._piece(), self._loop).result()
        except BodyRefused as error:
            self.failed = True
            raise OSError(f"The body ended early: {error}.") from error

    async def _piece(self) -> bytes:
        while True:
            try:
                return await self._incoming.piece()
            except TimeoutError:
                continue
