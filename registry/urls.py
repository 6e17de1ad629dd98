"""Addresses of the pages about errors."""

from __future__ import annotations

from django.urls import URLPattern, path

from registry.api import help as help_pages

urlpatterns: list[URLPattern] = [
    path("help/errors/", help_pages.error_index, name="error-index"),
    path("help/errors/<slug:code>", help_pages.error_page, name="error-page"),
]
