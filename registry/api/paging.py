"""Lists in pages: `?page=` and `?page_size=`, and addresses of the next and the previous page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Paginator
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from registry.errors import InvalidRequest
from registry.urls_public import base_url

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
LARGEST_PAGE = 1_000_000

PAGE_PARAMETERS = [
    OpenApiParameter("page", int, description="From 1."),
    OpenApiParameter("page_size", int, description=f"{DEFAULT_PAGE_SIZE}, at most {MAX_PAGE_SIZE}."),
]


def page_of(
    request: Request, rows: QuerySet[Any], line: Callable[[Any], Mapping[str, Any]], filters: Mapping[str, str]
) -> dict[str, Any]:
    """`count`, `next`, `previous` and `results`, each made by ``line``. ``filters`` are the query's other fields.

    Raises InvalidRequest for a page that there is not.
    """
    size = _number(request, "page_size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    number = _number(request, "page", 1, LARGEST_PAGE)
    paginator = Paginator(rows, size)
    try:
        page = paginator.page(number)
    except EmptyPage as error:
        raise InvalidRequest(f"page: there are {paginator.num_pages} pages.") from error

    def address(of: int) -> str:
        # Written anew, so that an access token in the query is not repeated in the answer.
        query = {"page": of, "page_size": size, **{name: value for name, value in filters.items() if value}}
        return f"{base_url(request._request)}{request._request.path_info}?{urlencode(query)}"

    return {
        "count": paginator.count,
        "next": address(number + 1) if page.has_next() else None,
        "previous": address(number - 1) if page.has_previous() else None,
        "results": [line(row) for row in page.object_list],
    }


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise InvalidRequest(f"{name}: a whole number from 1 to {most}.")
    return int(text)
