"""Typed readers of environment variables.

Every variable ``NAME`` can also be given as ``NAME_FILE``, the path of a file that holds the value, as
container secrets are mounted. A file that cannot be read stops the start: a server that silently falls
back to a default secret is worse than one that does not start.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def text(name: str, default: str = "") -> str:
    """The value of ``NAME``, or the content of the file named by ``NAME_FILE`` without its final newline."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        if name in os.environ:
            raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set; set one of them.")
        try:
            return Path(file_name).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "true" if default else "false").strip().lower()
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false.")


def integer(name: str, default: int, *, minimum: int | None = None) -> int:
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from error
    if minimum is not None and number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}.")
    return number


def number(name: str, default: float, *, above: float | None = None) -> float:
    try:
        value = float(text(name, str(default)))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number.") from error
    if not math.isfinite(value) or (above is not None and value <= above):
        raise ImproperlyConfigured(f"{name} must be a number{'' if above is None else f' above {above:g}'}.")
    return value


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    """One of ``allowed``."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}.")
    return value


def matching(name: str, default: str, pattern: str, form: str) -> str:
    """A value that ``pattern`` describes whole; ``form`` says the same to people."""
    value = text(name, default)
    if not re.fullmatch(pattern, value):
        raise ImproperlyConfigured(f"{name} must be {form}.")
    return value


def address(name: str, schemes: Sequence[str]) -> str:
    """An address that begins with one of ``schemes`` and names a host; empty where the variable is not set."""
    value = text(name)
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        complete = parts.scheme in schemes and (parts.netloc != "" or parts.path != "")
        _ = parts.port
    except ValueError:
        complete = False
    if not complete:
        raise ImproperlyConfigured(f"{name} must begin with {', '.join(f'{scheme}://' for scheme in schemes)}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks around the entries removed, empty entries dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def database(name: str, default: str) -> dict[str, object]:
    """A database address as Django's settings for it.

    ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or
    ``postgresql://user:password@host:port/name?option=value``; a missing host means the local socket.
    """
    address = urlsplit(text(name, default))
    if address.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(address.path[1:]),
            # Threads keep their connection, and do not open one for each request.
            "CONN_MAX_AGE": 600,
            # IMMEDIATE: a transaction that reads and then writes must not fail with "database is locked"
            # when another writer was faster; it waits at its beginning instead.
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if address.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(address.path[1:]),
            "USER": unquote(address.username or ""),
            "PASSWORD": unquote(address.password or ""),
            "HOST": unquote(address.hostname or ""),
            "PORT": str(address.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(address.query)),
        }
    raise ImproperlyConfigured(f"{name} must begin with sqlite:/// or postgresql://.")
