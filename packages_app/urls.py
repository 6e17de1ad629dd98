"""Addresses of the provider protocol and of downloads."""

from __future__ import annotations

from django.urls import URLPattern, path

from packages_app.api import downloads, provider

urlpatterns: list[URLPattern] = [
    path("models/v1/external/weights", provider.weights, name="provider-weights"),
    path("models/v1/external/stat", provider.stat, name="provider-stat"),
    path("files/<str:sha256>/<str:name>", downloads.download, name="download"),
]
