"""`GET /api/v1/models`, `.../models/<id>` and `.../models/<id>/packages/<package>`: what there is to run."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inference_app.dialects.native.serializers import ModelDescription, ModelPage, PackageDescription
from inference_app.services import describing
from registry.api.authentication import identity_of
from registry.api.paging import PAGE_PARAMETERS, page_of
from registry.api.queries import require_known_fields
from registry.services.access import find_readable_model, visible_models

MODEL_ID = OpenApiParameter("model_id", str, OpenApiParameter.PATH, description="Id or alias, slashes included.")


class ModelListView(APIView):
    """The models that the token can see, or those that are public."""

    @extend_schema(
        operation_id="list_models",
        tags=["models"],
        parameters=[
            OpenApiParameter("search", str, description="Part of an id, alias, architecture or task."),
            *PAGE_PARAMETERS,
        ],
        responses=ModelPage,
    )
    def get(self, request: Request) -> Response:
        identity = identity_of(request)
        if identity.token is not None:
            identity.require("read")
        require_known_fields(request._request, "search", "page", "page_size")
        search = request.query_params.get("search", "")
        models = describing.models_for_list(visible_models(identity), search)
        return Response(page_of(request, models, describing.model_line, {"search": search}))


class ModelView(APIView):
    """One model, with a summary of each of its published packages."""

    @extend_schema(operation_id="describe_model", tags=["models"], parameters=[MODEL_ID], responses=ModelDescription)
    def get(self, request: Request, model_id: str) -> Response:
        require_known_fields(request._request)
        return Response(describing.describe_model(find_readable_model(model_id, identity_of(request))))


class PackageView(APIView):
    """One published package: manifest, files, benchmarks and what its inspection found."""

    @extend_schema(
        operation_id="describe_model_package",
        tags=["models"],
        parameters=[
            MODEL_ID,
            OpenApiParameter("package_id", str, OpenApiParameter.PATH, description="32 hexadecimal digits."),
        ],
        responses=PackageDescription,
    )
    def get(self, request: Request, model_id: str, package_id: str) -> Response:
        require_known_fields(request._request)
        model = find_readable_model(model_id, identity_of(request))
        return Response(describing.describe_package(describing.find_package(model, package_id)))
