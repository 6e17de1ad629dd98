"""Absolute addresses of this server, as clients reach it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """Without a final slash: PUBLIC_URL where it is set, else scheme, host and port as the request has them."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    try:
        return f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        # The answer says so itself; there is no address to name in it.
        return ""
