"""The one hierarchy of errors that people see, and the page that explains each.

Every error has a stable ``code``, an HTTP ``status``, a ``title``, and ``advice``: what to do about it. The
page at ``/help/errors/<code>`` is made from the same attributes, so that a code cannot exist without its
page. The pure packages have hierarchies of their own; their codes get pages through :func:`explain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

HELP_PATH = "/help/errors/"


@dataclass(frozen=True)
class Explanation:
    """What the help page of one code says. ``status`` is the HTTP status of answers that carry it."""

    code: str
    status: int
    title: str
    advice: str


_explanations: dict[str, Explanation] = {}


def explain(code: str, status: int, title: str, advice: str) -> Explanation:
    """Give ``code`` its help page. Explaining a code twice in different words is a programming error."""
    explanation = Explanation(code, status, title, advice)
    if _explanations.setdefault(code, explanation) != explanation:
        raise ValueError(f"The error code {code} is explained twice.")
    return explanation


def explanations() -> Mapping[str, Explanation]:
    """Every explained code, for the help pages and for the API's documentation."""
    return _explanations


class WeighbridgeError(Exception):
    """Base of all errors that leave this server. Subclasses set the four class attributes.

    ``message`` is for the person who asked: it never holds a path, a query, a secret or a traceback.
    ``retry_after`` (seconds) becomes the header of that name.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    advice: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        missing = [name for name in ("code", "status", "title", "advice") if not hasattr(cls, name)]
        if missing:
            raise TypeError(f"{cls.__name__} lacks {', '.join(missing)}.")
        if "code" in vars(cls):
            explain(cls.code, cls.status, cls.title, cls.advice)

    def __init__(self, message: str | None = None, *, retry_after: int | None = None, details: Any = None) -> None:
        self.message = message or self.title
        self.retry_after = retry_after
        self.details = details
        super().__init__(self.message)


def error_body(code: str, message: str, *, base_url: str, request_id: str, details: Any = None) -> dict[str, Any]:
    """The one JSON shape of an error. ``message`` at the top level is what clients of other servers read."""
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "help_url": f"{base_url}{HELP_PATH}{code}",
        "request_id": request_id,
    }
    if details is not None:
        error["details"] = details
    return {"error": error, "message": message}


class InvalidToken(WeighbridgeError):
    code = "invalid-token"
    status = 401
    title = "The access token is not valid"
    advice = (
        "The token is unknown, or it was mistyped. Send it as `Authorization: Bearer TOKEN`; clients set it as "
        "ROBOFLOW_API_KEY or api_key. A curator can create a new one in the admin, under Access tokens."
    )


class TokenExpired(WeighbridgeError):
    code = "token-expired"
    status = 401
    title = "The access token has expired"
    advice = "Ask a curator for a new token: an expired one cannot be prolonged."


class TokenRevoked(WeighbridgeError):
    code = "token-revoked"
    status = 401
    title = "The access token has been revoked"
    advice = "Somebody withdrew this token. Ask a curator for a new one."


class TokenRequired(WeighbridgeError):
    code = "token-required"
    status = 401
    title = "An access token is needed"
    advice = (
        "No public model has this id, or this address always needs a token. Send one as "
        "`Authorization: Bearer TOKEN`; the AutoModel client takes it from ROBOFLOW_API_KEY."
    )


class InsufficientScope(WeighbridgeError):
    code = "insufficient-scope"
    status = 403
    title = "The access token lacks the scope for this"
    advice = (
        "Tokens carry scopes: read (metadata and files), infer (run models), admin (unload them); publish and trust "
        "open nothing yet. Use a token that has the scope named in the message."
    )


class ModelNotFound(WeighbridgeError):
    code = "model-not-found"
    status = 404
    title = "There is no such model"
    advice = (
        "No model or alias with this id is visible to your token. Ids are case-sensitive. Models of other "
        "workspaces are not visible unless they are public."
    )


class NothingPublished(WeighbridgeError):
    # 409 and not 404: clients replace the body of a 404 by a text of their own, which would hide the reason.
    code = "nothing-published"
    status = 409
    title = "The model has no published package"
    advice = "The model exists, but none of its packages is published yet. A curator publishes one in the admin."


class NotFound(WeighbridgeError):
    code = "not-found"
    status = 404
    title = "There is nothing at this address"
    advice = "Check the address. The API is described at /api/docs."


class MethodNotAllowed(WeighbridgeError):
    code = "method-not-allowed"
    status = 405
    title = "This address does not answer that method"
    advice = "The header Allow names the methods that the address answers."


class InvalidRequest(WeighbridgeError):
    code = "invalid-request"
    status = 400
    title = "The request is not valid"
    advice = "The message names the field and what is wrong with it. The API is described at /api/docs."


class UnsupportedMediaType(WeighbridgeError):
    code = "unsupported-media-type"
    status = 415
    title = "The body has a type that this address does not take"
    advice = "Set the header Content-Type to one that the API's description lists for this address."


class NotAcceptable(WeighbridgeError):
    code = "not-acceptable"
    status = 406
    title = "The answer cannot be given in the form that was asked for"
    advice = "This address answers JSON. Leave the header Accept out, or include application/json."


class RequestTooLarge(WeighbridgeError):
    code = "request-too-large"
    status = 413
    title = "The request is larger than this server takes"
    advice = "The message names the limit. The operator can change it; docs/settings.md lists the limits."


class BodyTooSlow(WeighbridgeError):
    code = "body-too-slow"
    status = 408
    title = "The body came too slowly"
    advice = (
        "Send it faster, or look for what holds it up on its way. The operator sets the least rate with "
        "MIN_RATE_BYTES and PATIENCE_SECONDS, and the time for a whole body with BODY_DEADLINE_SECONDS."
    )


class TooManyBodies(WeighbridgeError):
    code = "too-many-transfers"
    status = 503
    title = "As many bodies or files are under way as this server takes at once"
    advice = (
        "Try again after the seconds in the header Retry-After. Requests with an access token in the header "
        "Authorization have more room than those without. docs/settings.md lists the limits."
    )


class TooManyRequests(WeighbridgeError):
    code = "too-many-requests"
    status = 429
    title = "Too many requests"
    advice = "Wait for the seconds in the header Retry-After, then try again."


class StorageFull(WeighbridgeError):
    code = "storage-full"
    status = 507
    title = "The server's disk is nearly full"
    advice = "The operator frees some space, or lowers MIN_FREE_DISK_BYTES. Nothing of what was sent was kept."


class ServiceUnavailable(WeighbridgeError):
    code = "service-unavailable"
    status = 503
    title = "The server cannot answer right now"
    advice = "Something that the server depends on does not answer. Try again in a moment; clients do so themselves."


class InternalError(WeighbridgeError):
    code = "internal-error"
    status = 500
    title = "Something went wrong in the server"
    advice = "This is a defect. Tell the operator the request id: the log has the details under it."
