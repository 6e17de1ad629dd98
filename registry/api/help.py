"""The error reference: one entry for every code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from registry.errors import explanations


@require_safe
def error_index(request: HttpRequest) -> HttpResponse:
    entries = sorted(explanations().values(), key=lambda entry: (entry.status, entry.code))
    return render(request, "help/errors.html", {"entries": entries})


@require_safe
def error_page(request: HttpRequest, code: str) -> HttpResponse:
    entry = explanations().get(code)
    return render(request, "help/error.html", {"entry": entry, "code": code}, status=200 if entry else 404)
