"""Reading request bodies with their limit kept, whatever the client says of their length."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NoReturn

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from inference_app.requests.admission import weigh
from inference_app.requests.encodings import unpack
from registry.errors import InvalidRequest, RequestTooLarge
from registry.receiving import expect_body

CHUNK = 256 * 1024
MAX_LENGTH_DIGITS = 18
# A value takes tens of bytes in memory for two in the body: few enough of them even in a body of the full size.
MAX_JSON_VALUES = 100_000
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_body(request: HttpRequest, limit: int | None = None) -> bytes:
    """The whole body, unpacked where it was compressed; at most ``limit`` bytes (MAX_REQUEST_BYTES) of either.

    A chunked body has no length: Django would take it for empty, so that it is read from the server's own
    stream. Raises RequestTooLarge, before reading where a length is given, InvalidRequest for a body that
    ends early, and UnsupportedMediaType for a compression that is not known.
    """
    limit = settings.MAX_REQUEST_BYTES if limit is None else limit
    declared = request.META.get("CONTENT_LENGTH") or None
    too_large = RequestTooLarge(f"The body is larger than the {limit} bytes that this server takes.")
    if declared is not None:
        length = parse_length(declared)
        if length is None:
            raise InvalidRequest("The header Content-Length is not a number.")
        if length > limit:
            raise too_large
    if declared is None and not _has_unannounced_body(request):
        return b""
    expect_body(request, most_bytes=limit)
    stream = request if declared is not None else request.META["wsgi.input"]
    chunks: list[bytes] = []
    received = 0
    for chunk in _chunks(stream):
        received += len(chunk)
        if received > limit:
            raise too_large
        # What came and not what was announced: somebody who sends nothing must not use up the room of others.
        weigh(len(chunk))
        chunks.append(chunk)
    if declared is not None and received != length:
        raise InvalidRequest("The body ended before its announced length.")
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    encoding = request.META.get("HTTP_CONTENT_ENCODING")
    if not encoding or not body:
        return body
    unpacked = unpack(body, encoding, limit)
    weigh(len(unpacked))
    return unpacked


def parse_length(text: str) -> int | None:
    """A number of bytes as a header writes it; None for anything else, `str.isdigit` being wider than `int`."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_LENGTH_DIGITS else None


def finite(text: str) -> float:
    """The number that ``text`` writes. Raises ValueError where it is too large for a float."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("The number is too large.")
    return number


def parse_json(body: bytes, *, most_values: int = MAX_JSON_VALUES, parse_float: Callable[[str], float] = finite) -> Any:
    """The JSON document in ``body``, which is UTF-8. ``parse_float`` as in `json.loads`: `float` for many numbers
    that are looked at later.

    Raises RequestTooLarge for more than ``most_values`` values, before any of them is made, and InvalidRequest, also
    for NaN and Infinity, which Python would read and JSON does not have, for numbers that become infinite, and for
    text with lone surrogates: neither a database nor an answer in UTF-8 can hold it.
    """
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > most_values:
        raise RequestTooLarge(f"The JSON holds more than the {most_values} values that this address takes.")
    # The text, and the texts in it.
    weigh(2 * len(body))
    try:
        text = body.decode("utf-8-sig")
        document = json.loads(text, parse_constant=_refuse_constant, parse_float=parse_float)
        if _ESCAPED_SURROGATE.search(text):
            json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The body is not valid JSON.") from error
    return document


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON.")


def _has_unannounced_body(request: HttpRequest) -> bool:
    """HTTP/1.1 says so in a header; HTTP/2 has no such header, and its bodies simply end."""
    return "HTTP_TRANSFER_ENCODING" in request.META or request.META.get("SERVER_PROTOCOL", "").startswith("HTTP/2")


def _chunks(stream: Any) -> Iterator[bytes]:
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except OSError as error:
        raise InvalidRequest("The body could not be read to its end.") from error


@dataclass(frozen=True)
class Form:
    """A multipart form: fields as strings, the last of each name, and files as (field, bytes) in order."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, bytes]] = field(default_factory=list)


def parse_multipart(request: HttpRequest, body: bytes) -> Form:
    """The form in ``body``, already read and within its limit. Raises InvalidRequest."""
    collector = _Collector(request)
    meta = {"CONTENT_TYPE": request.META.get("CONTENT_TYPE", ""), "CONTENT_LENGTH": str(len(body))}
    try:
        fields, _ = MultiPartParser(meta, BytesIO(body), [collector], "utf-8").parse()
    except MultiPartParserError as error:
        raise InvalidRequest("The multipart body cannot be read.") from error
    return Form(_last_values(fields), collector.collected)


def _last_values(fields: QueryDict) -> dict[str, str]:
    return {name: str(fields[name]) for name in fields}


class _Collector(FileUploadHandler):
    """Keeps files in memory: the body is there already, and is small."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.collected: list[tuple[str, bytes]] = []
        self._parts: list[bytes] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._parts = []

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._parts.append(raw_data)

    def file_complete(self, file_size: int) -> None:
        self.collected.append((self.field_name or "", b"".join(self._parts)))
