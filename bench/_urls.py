"""All addresses of the project, and `/bench/empty`: a view that does nothing, through all of the middleware."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse  # noqa: TID251 - measured as it is
from django.urls import path

from config.urls import urlpatterns as project_urlpatterns


def empty(request: HttpRequest) -> JsonResponse:
    return JsonResponse({})


urlpatterns = [path("bench/empty", empty), *project_urlpatterns]
