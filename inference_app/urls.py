"""Addresses of inference and negotiation."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
