"""Finding the access token in a request.

Clients send it in four ways: `Authorization: Bearer`; HTTP Basic, because `requests` replaces Bearer by what
a `.netrc` holds for the host; the query parameter `api_key`, as clients up to inference-models 0.18.5 and
inference-exp do; and in the JSON body, as the inference SDK does by default (its views pass that one in).
"""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest

from registry.errors import InvalidToken
from registry.receiving import is_first_try, note_known
from registry.services.rate_limits import consume
from registry.services.tokens import ANONYMOUS, TOKEN_START, Identity, check_token

# What the SDK writes when it was given no key.
NO_KEY = frozenset({"", "None", "null", "local"})


def token_in_header(request: HttpRequest) -> str | None:
    """The token in the header Authorization, or None if there is no such header.

    Raises InvalidToken for a header that cannot be read.
    """
    header = str(request.META.get("HTTP_AUTHORIZATION", "")).strip()
    if not header:
        return None
    scheme, _, credentials = header.partition(" ")
    credentials = credentials.strip()
    match scheme.lower():
        case "bearer":
            return credentials
        case "basic":
            return _token_in_basic(credentials)
        case _:
            raise InvalidToken("The header Authorization is neither Bearer nor Basic.")


def identify(request: HttpRequest, *, body_key: str | None = None) -> Identity:
    """Who is asking. The header goes before the query, and the query before the body.

    Raises InvalidToken, TokenExpired or TokenRevoked: a wrong token never falls back to anonymous access. Raises
    TooManyRequests for a token that made more requests than it may.
    """
    for candidate in (token_in_header(request), request.GET.get("api_key"), body_key):
        if candidate is not None and candidate not in NO_KEY:
            identity = check_token(candidate)
            if identity.token is not None:
                note_known(request)
                if not is_first_try(request):
                    consume(identity.token)
            return identity
    return ANONYMOUS


def _token_in_basic(credentials: str) -> str:
    try:
        decoded = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidToken("The header Authorization holds no readable Basic credentials.") from error
    user, _, password = decoded.partition(":")
    return user if user.startswith(TOKEN_START) and not password.startswith(TOKEN_START) else password
