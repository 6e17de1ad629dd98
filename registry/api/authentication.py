"""Access tokens as an authentication class of Django REST framework."""

from __future__ import annotations

from typing import cast

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from registry.request_identity import identify
from registry.services.tokens import Identity


class TokenAuthentication(BaseAuthentication):
    """Sets ``request.auth`` to the Identity behind the request's token, or to ANONYMOUS.

    ``request.user`` stays None: a token is not a person. A wrong token raises InvalidToken (401) and never
    counts as anonymous.
    """

    def authenticate(self, request: Request) -> tuple[None, Identity]:
        return None, identify(request._request)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="weighbridge"'


def identity_of(request: Request) -> Identity:
    """Who is asking."""
    return cast(Identity, request.auth)
