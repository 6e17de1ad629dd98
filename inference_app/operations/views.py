"""Addresses for whoever operates the server: is it alive, and is it ready for work?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inference_app.services import readiness
from registry.api.strict_json import StrictJsonResponse


@require_safe
def health(request: HttpRequest) -> StrictJsonResponse:
    """200 while the process answers. It asks nothing else: a busy host or database must not have it restarted."""
    return StrictJsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> StrictJsonResponse:
    """200 once the database answers and the pinned models are loaded; 503 until then."""
    problems = readiness.problems()
    if problems:
        return StrictJsonResponse(
            {"status": "not ready", "problems": problems}, status=503, headers={"Retry-After": "1"}
        )
    return StrictJsonResponse({"status": "ready"})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page for a person who opens the server's address in a browser."""
    return render(request, "home.html")
