"""What every request passes through: an id, headers against misuse, and the one shape of errors."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin
from django.utils.encoding import escape_uri_path

from registry.api.errors import error_response, translated, wants_html
from registry.api.storage import storage_failure
from registry.errors import (
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    RequestTooLarge,
    WeighbridgeError,
)
from registry.receiving import refusal_of
from registry.services.login_attempts import KNOWN_BROWSER_COOKIE, KNOWN_BROWSER_SECONDS

logger = structlog.get_logger("weighbridge.request")
# Its lines have a formatter of their own (`config.logs`): there is one for each request.
request_log = logging.getLogger("weighbridge.requests")
GetResponse = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_POLICY = "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
_POLICY += "frame-ancestors 'none'; default-src 'self'"
# The admin's theme and the API's documentation write scripts and styles into their pages; our own pages do not.
_POLICY_OF_OTHERS = f"{_POLICY}; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"
ADMIN = "/admin"
_PAGES_OF_OTHERS = (ADMIN, "/api/docs")


class RequestIdMiddleware:
    """Gives each request an id (its own, where it sent a well-formed one), logs it, and returns the id.

    The log line has the path and never the query: old clients send their key in it, and download addresses
    carry a signature. The path is escaped again, so that a line feed in it does not begin a line of its own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        fields = {
            "method": request.method,
            "path": escape_uri_path(request.path),
            "status": response.status_code,
            "ms": round((time.perf_counter() - started) * 1000, 1),
            "request_id": request_id,
        }
        request_log.info("request", extra={"fields": fields})
        return response


class _AdminOnly(MiddlewareMixin):
    """For middlewares that only the pages of the admin need: API requests have tokens, and carry no session."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return super().__call__(request) if request.path_info.startswith(ADMIN) else self.get_response(request)


class AdminSessionMiddleware(_AdminOnly, SessionMiddleware):
    """Sessions, of the admin; and the mark of a browser that has logged in."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        mark = getattr(request, "known_browser", None)
        if mark is not None:
            response.set_cookie(
                KNOWN_BROWSER_COOKIE,
                mark,
                max_age=KNOWN_BROWSER_SECONDS,
                path=ADMIN,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


class AdminCsrfMiddleware(_AdminOnly, CsrfViewMiddleware):
    """The check against forged requests, of the admin's forms: nothing else here knows a cookie.

    Elsewhere it would answer in HTML where JSON is expected, and read a whole form, files included, for nothing.
    """

    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        if not request.path_info.startswith(ADMIN):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class AdminAuthenticationMiddleware(_AdminOnly, AuthenticationMiddleware):
    """`request.user`, in the admin."""


class AdminMessageMiddleware(_AdminOnly, MessageMiddleware):
    """Messages for the next page of the admin."""


class SecurityHeadersMiddleware:
    """Content-Security-Policy, and a referrer policy that keeps signed addresses to ourselves.

    The admin uses `same-origin`: with `no-referrer` Chromium sends `Origin: null`, and Django then refuses
    every form.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Referrer-Policy"] = "same-origin" if request.path_info.startswith(ADMIN) else "no-referrer"
        if response.headers.get("Content-Type", "").startswith("text/html"):
            policy = _POLICY_OF_OTHERS if request.path_info.startswith(_PAGES_OF_OTHERS) else _POLICY
            response.headers.setdefault("Content-Security-Policy", policy)
        return response


class ErrorShapeMiddleware:
    """Turns whatever a view raises into the one shape; nothing of an unexpected error leaves the server.

    A database that does not answer is a 503, which clients try again, and not a 500, which they never do. What
    other middlewares raise reaches `registry.api.errors.server_error`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        refusal = refusal_of(request)
        if refusal is not None:
            return error_response(request, refusal)
        response = self.get_response(request)
        # Django, its decorators and WhiteNoise answer some requests themselves, in HTML or with nothing. A method
        # that a page does not answer is no matter for people.
        unshaped = response.headers.get("Content-Type", "text/html").startswith("text/html")
        of_people = wants_html(request) and (response.status_code != 405 or request.path.startswith(ADMIN))
        if unshaped and response.status_code in {400, 404, 405, 413} and not of_people:
            shaped = error_response(request, _error_for_status(response.status_code))
            if "Allow" in response.headers:
                shaped.headers["Allow"] = response.headers["Allow"]
            return shaped
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404 | SuspiciousOperation) and wants_html(request):
            return None
        error = translated(exception)
        if error is not None:
            return error_response(request, error)
        if isinstance(exception, RequestDataTooBig | TooManyFilesSent):
            return error_response(request, RequestTooLarge())
        if isinstance(exception, MultiPartParserError | SuspiciousOperation):
            return error_response(request, InvalidRequest())
        if isinstance(exception, Http404):
            return error_response(request, NotFound())
        failure = storage_failure(exception)
        if failure is not None:
            logger.warning("the disk or the database failed", exc_info=exception)
            return error_response(request, failure)
        if isinstance(exception, DatabaseError) or not wants_html(request):
            logger.error("unexpected error", exc_info=exception)
            return error_response(request, InternalError())
        return None


def _error_for_status(status: int) -> WeighbridgeError:
    errors: dict[int, type[WeighbridgeError]] = {404: NotFound, 405: MethodNotAllowed, 413: RequestTooLarge}
    return errors.get(status, InvalidRequest)()
