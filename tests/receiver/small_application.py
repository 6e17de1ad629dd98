"""A WSGI application that does one thing at each address, behind a receiver with small limits. Granian serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from receiver import EXPECTS, KNOWN, REFUSAL, ExpectedBody, Limits, Receiver
from receiver.limits import Share

LEAST_RATE = 100
PATIENCE = 1.5
DEADLINE = 6.0
MOST_BYTES = 300_000
LARGE = 64 * 1024 * 1024


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    refusal = environ.get(REFUSAL)
    if refusal is not None:
        start_response("400 Refused", [("Content-Type", "text/plain")])
        return [refusal.value.encode()]
    if environ.get("HTTP_AUTHORIZATION") == "known":
        environ[KNOWN] = True
    path = environ["PATH_INFO"]
    body: Any = b"answered"
    if path == "/read":
        body = str(len(environ["wsgi.input"].read())).encode()
    elif path == "/length":
        content = environ["wsgi.input"].read()
        body = environ["CONTENT_LENGTH"].encode() + b" " + content
    elif path == "/upload":
        environ[EXPECTS] = ExpectedBody(streamed=True)
        try:
            body = str(sum(map(len, iter(lambda: environ["wsgi.input"].read(65536), b"")))).encode()
        except OSError as error:
            body = str(error).encode()
    elif path == "/large":
        start_response("200 OK", [("Content-Length", str(LARGE))])
        return _pieces()
    elif path == "/header":
        body = environ.get("HTTP_X_NAME", "none").encode()
    start_response("401 No" if path == "/refused" else "200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _pieces() -> Iterator[bytes]:
    for _ in range(LARGE // 65536):
        yield bytes(65536)


receiver = Receiver(
    application,
    Limits(
        threads=2,
        known=Share(4, 4 * MOST_BYTES),
        anonymous=Share(2, 2 * MOST_BYTES),
        most_bytes=MOST_BYTES,
        uploads=1,
        downloads=3,
        least_rate=LEAST_RATE,
        patience=PATIENCE,
        deadline=DEADLINE,
        quick_paths={"/quick"},
    ),
    is_known=lambda environ: False,
)
