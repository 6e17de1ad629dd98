"""Addresses of inference and of the server's own pages. The dialect that takes any two segments comes last."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from inference_app.api import operations

urlpatterns = [
    path("", operations.home, name="home"),
    path("healthz", operations.health, name="health"),
    path("readiness", operations.readiness, name="readiness"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("v2", include("inference_app.open_inference.urls")),
    path("", include("inference_app.sdk.urls")),
]
