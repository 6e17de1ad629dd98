"""`GET /api/v1/models`, `.../models/<id>` and `.../models/<id>/packages/<package>`: what there is to run."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Paginator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inference_app.dialects.native.serializers import ModelDescription, ModelPage, PackageDescription
from inference_app.requests.queries import require_known_fields
from inference_app.services import describing
from registry.errors import InvalidRequest
from registry.services.access import find_readable_model, visible_models
from registry.urls_public import base_url

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
LARGEST_PAGE = 1_000_000

MODEL_ID = OpenApiParameter("model_id", str, OpenApiParameter.PATH, description="Id or alias, slashes included.")


class ModelListView(APIView):
    """The models that the token can see, or those that are public."""

    @extend_schema(
        operation_id="list_models",
        tags=["models"],
        parameters=[
            OpenApiParameter("search", str, description="Part of an id, alias, architecture or task."),
            OpenApiParameter("page", int, description="From 1."),
            OpenApiParameter("page_size", int, description=f"{DEFAULT_PAGE_SIZE}, at most {MAX_PAGE_SIZE}."),
        ],
        responses=ModelPage,
    )
    def get(self, request: Request) -> Response:
        identity = request.auth
        if identity.token is not None:
            identity.require("read")
        require_known_fields(request._request, "search", "page", "page_size")
        search = request.query_params.get("search", "")
        size = _number(request, "page_size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
        number = _number(request, "page", 1, LARGEST_PAGE)
        paginator = Paginator(describing.models_for_list(visible_models(identity), search), size)
        try:
            page = paginator.page(number)
        except EmptyPage as error:
            raise InvalidRequest(f"page: there are {paginator.num_pages} pages.") from error

        def address(of: int) -> str:
            # Written anew, so that an access token in the query is not repeated in the answer.
            query = {"page": of, "page_size": size} | ({"search": search} if search else {})
            return f"{base_url(request._request)}{request._request.path_info}?{urlencode(query)}"

        return Response(
            {
                "count": paginator.count,
                "next": address(number + 1) if page.has_next() else None,
                "previous": address(number - 1) if page.has_previous() else None,
                "results": [describing.model_line(model) for model in page.object_list],
            }
        )


class ModelView(APIView):
    """One model, with a summary of each of its published packages."""

    @extend_schema(operation_id="describe_model", tags=["models"], parameters=[MODEL_ID], responses=ModelDescription)
    def get(self, request: Request, model_id: str) -> Response:
        require_known_fields(request._request)
        return Response(describing.describe_model(find_readable_model(model_id, request.auth)))


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
        model = find_readable_model(model_id, request.auth)
        return Response(describing.describe_package(describing.find_package(model, package_id)))


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise InvalidRequest(f"{name}: a whole number from 1 to {most}.")
    return int(text)
