"""Addresses below `admin/` that belong to no table, so that they are under none of theirs."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, path

from inference_app.admin.host import host_page

urlpatterns: list[URLPattern] = [
    path("host/", admin.site.admin_view(host_page), name="model-host"),
]
