"""Web pages of other origins (CORS): closed, unless the operator names the origins that may ask.

Pages send access tokens in the header Authorization. Cookies are never allowed, so that a page cannot use what its
visitor is logged in to, and the admin is never open to others.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from registry.middleware import ADMIN

EVERY_ORIGIN = "*"
METHODS = "GET, HEAD, POST"
HEADERS = (
    "Accept, Authorization, Content-Encoding, Content-Type, If-Match, If-None-Match, Inference-Header-Content-Length, "
    "Range, X-Request-Id"
)
READABLE = (
    "Content-Disposition, Content-Range, ETag, Inference-Header-Content-Length, Retry-After, WWW-Authenticate, "
    "X-Request-Id"
)
# How long a browser remembers what it was allowed, in seconds.
MAX_AGE = "600"


class CorsMiddleware:
    """Answers browsers that ask beforehand, and marks what the pages of allowed origins may read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.CORS_ALLOWED_ORIGINS:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self._origins = frozenset(settings.CORS_ALLOWED_ORIGINS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(ADMIN):
            return self.get_response(request)
        allowed = self._allowed(request.headers.get("Origin"))
        asks_beforehand = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if asks_beforehand and allowed is not None:
            response = HttpResponse(status=204)
            del response.headers["Content-Type"]
        else:
            response = self.get_response(request)
        if EVERY_ORIGIN not in self._origins:
            patch_vary_headers(response, ["Origin"])
        if allowed is None:
            return response
        response.headers["Access-Control-Allow-Origin"] = allowed
        if asks_beforehand:
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = MAX_AGE
        else:
            response.headers["Access-Control-Expose-Headers"] = READABLE
        return response

    def _allowed(self, origin: str | None) -> str | None:
        """What the answer says to pages of ``origin``; None for no origin, and for one that is not allowed."""
        if origin is None:
            return None
        if EVERY_ORIGIN in self._origins:
            return EVERY_ORIGIN
        return origin if origin in self._origins else None
