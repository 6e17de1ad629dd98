"""One request: its body in, the application in a thread, its answer out."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from io import BytesIO
from typing import Any

from receiver.answers import PIECE_BYTES, Answer, Send, ask, gather, send_body, send_end, send_start
from receiver.bodies import BodyRefused, Incoming, Receive, StreamedBody, drain, read_whole
from receiver.environ import declared_length, environ_of
from receiver.expectations import EXPECTS, FIRST_TRY, KNOWN, REFUSAL, BodyWanted, ExpectedBody, Refusal, UnreadBody
from receiver.pace import Pace
from receiver.resources import Resources, Wanted
from receiver.shares import Claim


class Exchange:
    """Answers one request by `run`, and is then done with."""

    def __init__(self, resources: Resources, scope: Any, receive: Receive, send: Send) -> None:
        self._resources = resources
        self._limits = resources.limits
        self._client = scope["client"]
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._environ = environ_of(scope)
        self._declared = declared_length(self._environ)

    async def run(self) -> None:
        if self._declared == 0:
            self._environ["wsgi.input"] = BytesIO()
            await self._deliver(await self._ask())
            return
        incoming = Incoming(self._receive, self._limits)
        wanted = await self._wanted()
        if isinstance(wanted, Answer):
            # Whoever waits to be told to go on has sent nothing that could be dropped.
            ended = "HTTP_EXPECT" not in self._environ and await drain(incoming, self._declared)
            await self._deliver(wanted, last=not ended)
        elif wanted.expected.streamed:
            await self._streamed(incoming)
        else:
            await self._whole(incoming, wanted)

    async def _whole(self, incoming: Incoming, wanted: Wanted) -> None:
        """Take the whole body into memory, then have it answered."""
        most = wanted.expected.most_bytes or self._limits.most_bytes
        account = self._resources.known if wanted.known else self._resources.anonymous
        with Claim(account) as claim:
            try:
                if self._declared is not None and self._declared > most:
                    raise BodyRefused(Refusal.TOO_LARGE)
                body = await read_whole(incoming, claim, most_bytes=most, deadline=self._limits.deadline)
            except BodyRefused as error:
                await self._refuse(error.refusal)
                return
            # Whatever came in chunks has a length by now.
            self._environ.pop("HTTP_TRANSFER_ENCODING", None)
            self._environ["CONTENT_LENGTH"] = str(len(body))
            self._environ["wsgi.input"] = BytesIO(body)
            answer = await self._ask()
            del body
            self._environ.clear()
        await self._deliver(answer)

    async def _streamed(self, incoming: Incoming) -> None:
        """Have the application read the body while it arrives, in one of the few threads for that."""
        if self._resources.free_uploads <= 0:
            await self._refuse(Refusal.TOO_MANY)
            return
        body = StreamedBody(incoming, self._loop)
        self._environ["wsgi.input"] = body
        self._resources.free_uploads -= 1
        try:
            answer = await self._ask(self._resources.uploads)
        finally:
            self._resources.free_uploads += 1
        await self._deliver(answer, last=not body.ended)

    async def _wanted(self) -> Wanted | Answer:
        """What the application wants of the body, or its answer where it wants none."""
        environ = self._environ
        sender = tuple(
            environ.get(name)
            for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_AUTHORIZATION", "HTTP_COOKIE")
        )
        wanted = self._resources.recall(sender)
        if wanted is not None:
            return wanted
        threads = self._resources.threads_for(environ["PATH_INFO"])
        found = await self._loop.run_in_executor(threads, self._first_try)
        if isinstance(found, Wanted):
            self._resources.remember(sender, found)
        return found

    def _first_try(self) -> Wanted | Answer:
        environ = self._environ | {"wsgi.input": UnreadBody(), FIRST_TRY: True}
        try:
            return ask(self._resources.application, environ)
        except BodyWanted:
            known = bool(environ.get(KNOWN)) or self._resources.is_known(environ)
            return Wanted(environ.get(EXPECTS) or ExpectedBody(), known)

    async def _ask(self, threads: Executor | None = None) -> Answer:
        path = self._environ["PATH_INFO"]
        threads = threads or self._resources.threads_for(path)
        if path.startswith(self._limits.download_paths):
            return await self._resources.in_turn(threads, ask, self._resources.application, self._environ)
        return await self._loop.run_in_executor(threads, ask, self._resources.application, self._environ)

    async def _refuse(self, refusal: Refusal) -> None:
        """Have the application word the refusal. The rest of the body stays unread, so the connection ends."""
        self._environ[REFUSAL] = refusal
        self._environ["wsgi.input"] = BytesIO()
        await self._deliver(await self._ask(), last=True)

    async def _deliver(self, answer: Answer, *, last: bool = False) -> None:
        """Send ``answer``. ``last``: no other request is answered on this connection."""
        if answer.rest is None and len(answer.beginning) <= PIECE_BYTES:
            await send_start(self._send, answer, last=last)
            await send_end(self._send, answer.beginning)
        elif answer.rest is None:
            await self._send_pieces(answer, last)
        elif self._resources.free_downloads <= 0:
            await self._loop.run_in_executor(self._resources.files, answer.close)
            await self._refuse(Refusal.TOO_MANY)
        else:
            self._resources.free_downloads -= 1
            try:
                await self._send_pieces(answer, last)
            finally:
                self._resources.free_downloads += 1
                await self._loop.run_in_executor(self._resources.files, answer.close)

    async def _send_pieces(self, answer: Answer, last: bool) -> None:
        left = asyncio.Event()
        watcher = self._loop.create_task(self._watch(left))
        pace = Pace(self._limits.least_rate, self._limits.patience)
        try:
            await send_start(self._send, answer, last=last)
            block, rest = answer.beginning, answer.rest
            while await send_body(self._send, block, pace, left):
                if rest is None:
                    await send_end(self._send)
                    break
                block, ended = await self._resources.in_turn(self._resources.files, gather, rest)
                rest = None if ended else rest
        except TimeoutError:
            self._resources.cutter.cut(self._client)
        finally:
            watcher.cancel()

    async def _watch(self, left: asyncio.Event) -> None:
        """Set ``left`` when the client leaves. What it may still send is dropped."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        left.set()
