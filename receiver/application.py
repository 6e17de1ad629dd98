"""The ASGI application around a WSGI one.

The WSGI application is asked before a body is taken in. What it answers without reading is the answer: who has no
access is refused at once. If it reads, it is asked again when the body is there, by what it said about the body
(`EXPECTS`) and about its sender (`KNOWN`). For some seconds after that, the same sender's next body at the same
address is taken in without asking first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from receiver.answers import Send
from receiver.bodies import Receive
from receiver.connections import bound_silence
from receiver.exchange import Exchange
from receiver.limits import Limits
from receiver.resources import Application, Resources


class Receiver:
    """``is_known`` says, in a thread, whether an environment that lacks `KNOWN` comes from somebody known."""

    def __init__(self, application: Application, limits: Limits, *, is_known: Callable[[dict[str, Any]], bool]) -> None:
        self._resources = Resources(application, limits, is_known)
        self._begun = False

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if not self._begun:
            self._begun = True
            bound_silence(2 * self._resources.limits.patience)
        await Exchange(self._resources, scope, receive, send).run()
