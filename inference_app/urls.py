"""Addresses of inference and of the server's own pages. The dialect that takes any two segments comes last."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from inference_app.operations import views as operations
from registry.metrics import metrics

READ_ONLY = ["get", "head"]

urlpatterns = [
    path("", operations.home, name="home"),
    path("healthz", operations.health, name="health"),
    path("readiness", operations.ready, name="readiness"),
    path("metrics", metrics, name="metrics"),
    path("api/schema", SpectacularAPIView.as_view(http_method_names=READ_ONLY), name="schema"),
    # The page has a template for its own content alone, and none for what the framework says to OPTIONS.
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema", http_method_names=READ_ONLY), name="docs"),
    path("v2", include("inference_app.dialects.open_inference.urls")),
    path("", include("inference_app.dialects.sdk.urls")),
]
