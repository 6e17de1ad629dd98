"""All addresses. An app's own are in its `urls.py`; the dialect of other servers comes last."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from inference_app.admin.host import host_page
from registry.api import help as help_pages

urlpatterns = [
    path("api/v1/", include("inference_app.dialects.native.urls")),
    path("help/errors/", help_pages.error_index, name="error-index"),
    path("help/errors/<slug:code>", help_pages.error_page, name="error-page"),
    # Of no table, so that it is under none of theirs; before the admin, which answers for all that is below it.
    path("admin/host/", admin.site.admin_view(host_page), name="model-host"),
    path("admin/", admin.site.urls),
    path("", include("jobs.urls")),
    path("", include("packages_app.urls")),
    path("", include("inference_app.urls")),
]

handler500 = "registry.api.errors.server_error"
