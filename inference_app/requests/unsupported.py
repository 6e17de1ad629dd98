"""Addresses that clients of a dialect know and this server does not answer: refused by name, not by a bare 404."""

from __future__ import annotations

from typing import NoReturn

from django.http import HttpRequest
from django.utils.encoding import escape_uri_path

from inference_app.errors import NotOffered

MOST_CHARACTERS = 120


def refuse(request: HttpRequest, feature: str) -> NoReturn:
    """Raises NotOffered, which names the address and ``feature``."""
    raise NotOffered(f"{shown_path(request)}: this server does not offer {feature}.")


def shown_path(request: HttpRequest) -> str:
    """The address as a message shows it."""
    return f"{request.method} {escape_uri_path(request.path)[:MOST_CHARACTERS]}"
