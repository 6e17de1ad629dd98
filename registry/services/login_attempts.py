"""Wrong passwords make whoever sends them wait, longer each time; the right person, elsewhere, does not wait with them.

Attempts are counted by account and by where they come from: a browser that has been logged in as this account before
(`known_browser`), or else an address. Counted in the cache, which several processes share with Redis, for an hour.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest

FREE_ATTEMPTS = 5
# Of one address, whatever the account: passwords are guessed across accounts too.
FREE_ATTEMPTS_OF_ADDRESS = 50
LONGEST_WAIT_SECONDS = 300
REMEMBERED_SECONDS = 3600
KNOWN_BROWSER_COOKIE = "weighbridge_browser"
KNOWN_BROWSER_SECONDS = 365 * 24 * 3600
_SALT = "registry.login-attempts"


class MustWait(Exception):
    """Too many wrong passwords; ``seconds`` until the next attempt is looked at."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"Too many wrong passwords. Try again in {seconds} seconds.")


@dataclass(frozen=True)
class _Counter:
    key: str
    free: int

    def begin(self) -> None:
        """Count an attempt, or raise MustWait. Of many at once, one passes for each wait."""
        now = time.time()
        until = cache.get(f"{self.key}:until")
        if until is not None and until > now:
            raise MustWait(_seconds(until - now))
        cache.add(self.key, 0, timeout=REMEMBERED_SECONDS)
        try:
            count = cache.incr(self.key)
        except ValueError:
            return  # the cache dropped the key between the two calls
        if count >= self.free:
            wait = min(LONGEST_WAIT_SECONDS, 2 ** min(count - self.free, 16))
            if not cache.add(f"{self.key}:until", now + wait, timeout=wait):
                raise MustWait(wait)

    def forget(self) -> None:
        cache.delete_many([self.key, f"{self.key}:until"])


class Attempt:
    """One try to log in as ``account``: `begin` before the password is looked at, `succeeded` if it was right."""

    def __init__(self, request: HttpRequest, account: str) -> None:
        self._account = account
        address, browser = client_address(request), known_browser(request, account)
        self._counters = [_Counter(_key(account, browser or address), FREE_ATTEMPTS)]
        if not browser:
            self._counters.append(_Counter(_key("", address), FREE_ATTEMPTS_OF_ADDRESS))

    def begin(self) -> None:
        """Raises MustWait."""
        for counter in self._counters:
            counter.begin()

    def succeeded(self) -> str:
        """Forget the wrong passwords of this account from here; the value of the cookie that makes a browser known."""
        self._counters[0].forget()
        return signing.dumps([self._account, secrets.token_hex(8)], salt=_SALT)


def known_browser(request: HttpRequest, account: str) -> str:
    """The mark of a browser that has been logged in as ``account`` before; empty for others."""
    try:
        name, mark = signing.loads(
            request.COOKIES.get(KNOWN_BROWSER_COOKIE, ""), salt=_SALT, max_age=KNOWN_BROWSER_SECONDS
        )
    except (signing.BadSignature, ValueError):
        return ""
    return f"browser {mark}" if name == account else ""


def client_address(request: HttpRequest) -> str:
    """Where a request comes from: CLIENT_ADDRESS_HEADER, which a proxy sets, or the other end of the connection.

    Of an IPv6 address the network, which is what one person has.
    """
    header = settings.CLIENT_ADDRESS_HEADER
    text = request.headers.get(header, "") if header else ""
    try:
        address = ipaddress.ip_address(text.strip() or request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _key(account: str, source: str) -> str:
    # What people type does not belong into a cache's keys as it is.
    return "login:" + hashlib.sha256(f"{account}\0{source}".encode(errors="replace")).hexdigest()


def _seconds(wait: float) -> int:
    return max(1, int(wait + 0.999))
