"""Addresses of downloads that authorise themselves.

Clients send no credentials when they fetch files. An address therefore carries a signature over the blob,
the file's name, the time until which it holds and the public prefix of the token that got it: with the
token it dies.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode

from django.conf import settings

from packages_app.errors import AddressExpired, AddressInvalid

_DIGITS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Grant:
    """What a verified address allows: one blob, on behalf of a token or, with an empty prefix, of nobody."""

    sha256: str
    token_prefix: str


def download_path(sha256: str, name: str, *, token_prefix: str = "", now: float | None = None) -> str:
    """Path and query of a download, good for DOWNLOAD_LIFETIME_SECONDS from ``now`` (seconds since 1970)."""
    expires = int(time.time() if now is None else now) + settings.DOWNLOAD_LIFETIME_SECONDS
    signature = _signature(settings.SECRET_KEY, sha256, name, str(expires), token_prefix)
    query = {"expires": str(expires), "signature": signature}
    if token_prefix:
        query["token"] = token_prefix
    return f"/files/{sha256}/{quote(name)}?{urlencode(query)}"


def verify(sha256: str, name: str, query: Mapping[str, str], *, now: float | None = None) -> Grant:
    """Check an address that somebody asked for. Raises AddressInvalid and AddressExpired.

    That an address has expired is told only of addresses that were ours.
    """
    expires = query.get("expires", "")
    prefix = query.get("token", "")
    signature = query.get("signature", "")
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    ours = [_signature(key, sha256, name, expires, prefix) for key in keys]
    if not _DIGITS.fullmatch(expires) or not any(_equal(signature, expected) for expected in ours):
        raise AddressInvalid
    if int(expires) <= (time.time() if now is None else now):
        raise AddressExpired
    return Grant(sha256=sha256, token_prefix=prefix)


def _signature(key: str, *parts: str) -> str:
    # Addresses that we make hold no NUL, so that no other parts joined by NULs make the same message.
    message = "\x00".join(parts).encode("utf-8", "surrogatepass")
    digest = hmac.new(_signing_key(key), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _equal(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), expected.encode("ascii"))


@lru_cache(maxsize=8)
def _signing_key(key: str) -> bytes:
    return hashlib.sha256(b"packages_app.download:" + key.encode()).digest()
