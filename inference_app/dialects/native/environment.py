"""`GET /api/v1/environment`: what the machine offers that runs our models."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inference_app.dialects.native.serializers import EnvironmentDescription
from inference_app.services import environment
from registry.api.authentication import identity_of
from registry.api.queries import require_known_fields
from registry.errors import TokenRequired


class EnvironmentView(APIView):
    """The detected environment, where each field comes from, and what stood in the way.

    Versions of drivers and libraries are of use to an attacker as well: a token is always needed.
    """

    @extend_schema(operation_id="describe_compute_environment", tags=["negotiation"], responses=EnvironmentDescription)
    def get(self, request: Request) -> Response:
        identity = identity_of(request)
        if identity.token is None:
            raise TokenRequired("The description of this machine needs an access token.")
        identity.require("read")
        require_known_fields(request._request)
        return Response(environment.describe())
