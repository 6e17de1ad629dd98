"""Bodies that were compressed on their way (`Content-Encoding`), unpacked within the limit of bodies."""

from __future__ import annotations

import zlib

from registry.errors import InvalidRequest, RequestTooLarge, UnsupportedMediaType

# How zlib is told the format: with the header of gzip, of zlib, or without any.
_GZIP, _ZLIB, _BARE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before ``encoding``, the value of Content-Encoding; at most ``limit`` bytes.

    Raises UnsupportedMediaType for another encoding than gzip and deflate, RequestTooLarge as soon as more than
    ``limit`` bytes come out, whatever the body claims, and InvalidRequest for one that is damaged or cut short.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            window = _GZIP
        case "deflate":
            # RFC 9110 means the format of zlib; some clients send what lies within it.
            window = _ZLIB if body[:1] and body[0] & 0x0F == 8 and int.from_bytes(body[:2]) % 31 == 0 else _BARE
        case other:
            raise UnsupportedMediaType(
                f"Bodies are taken as they are, or compressed once by gzip or deflate, and not by {other[:40]!r}."
            )
    return _inflate(body, window, limit)


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    decoder = zlib.decompressobj(window)
    try:
        # One byte more than is taken tells what is too large.
        unpacked = decoder.decompress(body, limit + 1)
    except zlib.error as error:
        raise InvalidRequest("The compressed body is damaged.") from error
    if len(unpacked) > limit:
        raise RequestTooLarge(f"The body is larger than the {limit} bytes that this server takes, once unpacked.")
    if not decoder.eof:
        raise InvalidRequest("The compressed body was cut short.")
    if decoder.unused_data:
        raise InvalidRequest("The compressed body goes on behind its end.")
    return unpacked
