"""Reading request bodies with their limit kept, whatever the client says of their length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from registry.errors import InvalidRequest, RequestTooLarge

CHUNK = 256 * 1024


def read_body(request: HttpRequest, limit: int | None = None) -> bytes:
    """The whole body, at most ``limit`` bytes (MAX_REQUEST_BYTES by default).

    A chunked body has no length: Django would take it for empty, so that it is read from the server's own
    stream. Raises RequestTooLarge, before reading where a length is given, and InvalidRequest for a body that
    ends early.
    """
    limit = settings.MAX_REQUEST_BYTES if limit is None else limit
    declared = request.META.get("CONTENT_LENGTH") or None
    too_large = RequestTooLarge(f"The body is larger than the {limit} bytes that this server takes.")
    if declared is not None:
        if not str(declared).isdigit():
            raise InvalidRequest("The header Content-Length is not a number.")
        if int(declared) > limit:
            raise too_large
    if declared is None and not _has_unannounced_body(request):
        return b""
    stream = request if declared is not None else request.META["wsgi.input"]
    chunks: list[bytes] = []
    received = 0
    for chunk in _chunks(stream):
        received += len(chunk)
        if received > limit:
            raise too_large
        chunks.append(chunk)
    if declared is not None and received != int(declared):
        raise InvalidRequest("The body ended before its announced length.")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


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
