"""All addresses. An app's own are in its `urls.py`; the dialect of other servers comes last."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from registry.api import help as help_pages

urlpatterns = [
    path("help/errors/", help_pages.error_index, name="error-index"),
    path("help/errors/<slug:code>", help_pages.error_page, name="error-page"),
    path("admin/", admin.site.urls),
    path("", include("packages_app.urls")),
    path("", include("inference_app.urls")),
]
