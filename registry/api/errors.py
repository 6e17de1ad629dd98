"""Errors as answers: JSON for programs, a page for people."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from registry.api.storage import storage_failure
from registry.api.strict_json import StrictJsonResponse
from registry.errors import (
    HELP_PATH,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    UnsupportedMediaType,
    WeighbridgeError,
    error_body,
)
from registry.urls_public import base_url


def wants_html(request: HttpRequest) -> bool:
    """Whether the address is one of the pages for people."""
    return request.path_info.startswith(("/admin", HELP_PATH)) or request.path_info == "/"


# Foreign dialects whose clients read an error in a shape of their own, by the beginning of the path.
_foreign_shapes: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def add_error_shape(prefix: str, shape: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Have errors below ``prefix`` answered as ``shape`` makes them of the usual body."""
    _foreign_shapes[prefix] = shape


# How exceptions of packages that know nothing of this server become errors of it, by their base class.
_translations: dict[type[Exception], Callable[[Any], WeighbridgeError]] = {}


def add_translation(base: type[Exception], translate: Callable[[Any], WeighbridgeError]) -> None:
    """Have every view answer exceptions of class ``base`` with what ``translate`` makes of them."""
    _translations[base] = translate


def translated(exception: Exception) -> WeighbridgeError | None:
    """The exception as an error of this server; None where nobody said how."""
    if isinstance(exception, WeighbridgeError):
        return exception
    for base, translate in _translations.items():
        if isinstance(exception, base):
            return translate(exception)
    return None


def error_response(request: HttpRequest, error: WeighbridgeError) -> HttpResponse:
    """The answer for ``error``: the one JSON shape, with the headers that belong to its status."""
    body = error_body(
        error.code,
        error.message,
        base_url=base_url(request),
        request_id=getattr(request, "request_id", ""),
        details=error.details,
    )
    for prefix, shape in _foreign_shapes.items():
        if request.path_info.startswith(prefix):
            body = shape(body)
    response = StrictJsonResponse(body, status=error.status)
    # Counted by `registry.metrics`.
    response.error_code = error.code  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "no-store"
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="weighbridge"'
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of what nobody caught: a middleware that writes a session to a full disk, for example."""
    exception = sys.exc_info()[1]
    error = (storage_failure(exception) if exception else None) or InternalError()
    if error.status == InternalError.status and wants_html(request):
        return defaults.server_error(request)
    return error_response(request, error)


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | HttpResponse | None:
    """The exception handler of Django REST framework: its own exceptions in our shape, others left alone.

    What it leaves alone reaches ErrorShapeMiddleware.
    """
    error = _as_ours(exception)
    if error is None:
        return None
    request = context["request"]
    response = error_response(getattr(request, "_request", request), error)
    allowed = getattr(context.get("view"), "allowed_methods", None)
    if isinstance(exception, exceptions.MethodNotAllowed) and allowed:
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _as_ours(exception: Exception) -> WeighbridgeError | None:
    error = translated(exception)
    if error is not None:
        return error
    if isinstance(exception, exceptions.ValidationError):
        return InvalidRequest(_first_problem(exception.detail), details=exception.get_full_details())
    if isinstance(exception, exceptions.ParseError):
        return InvalidRequest("The body is not valid JSON.")
    if isinstance(exception, exceptions.MethodNotAllowed):
        return MethodNotAllowed()
    if isinstance(exception, exceptions.UnsupportedMediaType):
        return UnsupportedMediaType()
    if isinstance(exception, exceptions.NotAcceptable):
        return NotAcceptable()
    if isinstance(exception, exceptions.NotFound):
        return NotFound()
    return None


def _first_problem(detail: Any, field: str = "") -> str:
    """The first message of a validation error, with the name of its field."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        return _first_problem(inner, "" if name == "non_field_errors" else str(name))
    if isinstance(detail, list) and detail:
        return _first_problem(detail[0], field)
    return f"{field}: {detail}" if field else str(detail)
