"""What views and the receiver in front of them tell each other about bodies; see `receiver`.

Without a receiver, as under Django's test client, all of it does nothing.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.http.cookie import parse_cookie

from receiver import EXPECTS, KNOWN, REFUSAL, ExpectedBody, Refusal
from receiver.expectations import FIRST_TRY
from registry.errors import (
    BodyTooSlow,
    InvalidRequest,
    RequestTooLarge,
    TooManyBodies,
    WeighbridgeError,
)


def expect_body(request: HttpRequest, *, most_bytes: int | None = None, streamed: bool = False) -> None:
    """Say before reading what the body may be: see `receiver.ExpectedBody`."""
    request.META[EXPECTS] = ExpectedBody(most_bytes, streamed)


def note_known(request: HttpRequest) -> None:
    """Say that the sender showed an accepted token."""
    request.META[KNOWN] = True


def is_first_try(request: HttpRequest) -> bool:
    """Whether the request will be asked again with its body, and is not to be counted twice."""
    return FIRST_TRY in request.META


def is_known(environ: dict[str, Any]) -> bool:
    """Whether a session of the admin stands behind the request: what has a token has said so."""
    cookie = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    return bool(cookie) and SESSION_KEY in SessionStore(cookie)


def refusal_of(request: HttpRequest) -> WeighbridgeError | None:
    """Why the receiver did not take the body; None where it did."""
    match request.META.get(REFUSAL):
        case None:
            return None
        case Refusal.TOO_LARGE:
            return RequestTooLarge("The body is larger than this address takes.")
        case Refusal.TOO_SLOW:
            return BodyTooSlow()
        case Refusal.TOO_MANY:
            return TooManyBodies(retry_after=1)
        case Refusal.CUT:
            return InvalidRequest("The body ended before its announced length.")
        case _:
            return InvalidRequest("The body came in too many pieces. Send it in larger ones.")
