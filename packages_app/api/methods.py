"""Which methods an address answers."""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from registry.api.errors import error_response
from registry.errors import MethodNotAllowed

View = Callable[..., HttpResponseBase]


def reads_only(view: View) -> View:
    """Answer GET and HEAD; everything else is a 405 in the one shape, with the header Allow."""

    @functools.wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        response = error_response(request, MethodNotAllowed())
        response.headers["Allow"] = "GET, HEAD"
        return response

    return checked
