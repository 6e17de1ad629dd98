"""Addresses of the provider protocol and of downloads."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
