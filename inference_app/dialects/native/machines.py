"""`GET /api/v1/machines`: the machines that negotiation can be asked about by name."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inference_app.dialects.native.serializers import MachineList
from inference_app.services.machines import machines_of
from registry.api.authentication import identity_of
from registry.api.queries import require_known_fields


class MachineListView(APIView):
    """The catalogue, and with a token the machines of its workspace."""

    @extend_schema(operation_id="list_machines", tags=["negotiation"], responses=MachineList)
    def get(self, request: Request) -> Response:
        identity = identity_of(request)
        if identity.token is not None:
            identity.require("read")
        require_known_fields(request._request)
        known = machines_of(identity.workspace_id)
        return Response({"machines": [{**entry.machine.to_json(), "origin": entry.origin.value} for entry in known]})
