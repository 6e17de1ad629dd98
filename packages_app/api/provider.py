"""The weights-provider protocol: what the AutoModel client asks before it downloads anything."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from packages_app.api.methods import reads_only
from packages_app.services.provider import Page, model_metadata, model_summary
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest
from registry.models import Model
from registry.request_identity import identify
from registry.services.access import find_readable_model
from registry.services.tokens import Identity
from registry.urls_public import base_url

MAX_PAGE_SIZE = 10_000


@reads_only
def weights(request: HttpRequest) -> StrictJsonResponse:
    """`GET /models/v1/external/weights?modelId=…`: the model, its packages and where their files are."""
    model, identity = _asked_for(request)
    page = Page(
        start_after=request.GET.get("startAfter", ""),
        size=_page_size(request.GET.get("pageSize")),
        include_coreml=request.GET.get("includeCoreMLPackages", "").lower() == "true",
    )
    return _answer(model_metadata(model, identity, base_url=base_url(request), page=page))


@reads_only
def stat(request: HttpRequest) -> StrictJsonResponse:
    """`GET /models/v1/external/stat?modelId=…`: what kind of model it is."""
    model, _ = _asked_for(request)
    return _answer(model_summary(model))


def _asked_for(request: HttpRequest) -> tuple[Model, Identity]:
    identity = identify(request)
    name = request.GET.get("modelId", "")
    if not name.strip():
        raise InvalidRequest("The parameter `modelId` is missing.")
    return find_readable_model(name, identity), identity


def _page_size(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_PAGE_SIZE))):
        raise InvalidRequest("`pageSize` is a whole number from 1 on.")
    size = int(text)
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise InvalidRequest(f"`pageSize` is a whole number from 1 to {MAX_PAGE_SIZE}.")
    return size


def _answer(metadata: dict[str, Any]) -> StrictJsonResponse:
    response = StrictJsonResponse({"modelMetadata": metadata})
    # The answer holds signed addresses: it belongs to whoever asked, and to no cache.
    response.headers["Cache-Control"] = "private, no-store"
    return response
