"""Absolute addresses of this server, as clients reach it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """Without a final slash: PUBLIC_URL where it is set, else scheme, host and port as the request has them."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
