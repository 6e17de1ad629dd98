"""All addresses. An app's own are in its `urls.py`; the dialect of other servers comes last."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("inference_app.dialects.native.urls")),
    path("", include("registry.urls")),
    # Before the admin's own, which answer for all that is below them.
    path("admin/", include("inference_app.admin.urls")),
    path("admin/", admin.site.urls),
    path("", include("jobs.urls")),
    path("", include("packages_app.urls")),
    path("", include("inference_app.urls")),
]

handler500 = "registry.api.errors.server_error"
