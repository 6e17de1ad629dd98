"""Addresses of inference and negotiation. The dialect that takes any two segments comes last."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from inference_app.api import operations
from inference_app.api.infer import InferView

urlpatterns = [
    path("", operations.home, name="home"),
    path("healthz", operations.health, name="health"),
    path("readiness", operations.readiness, name="readiness"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/v1/models/<path:model_id>/infer", InferView.as_view(), name="infer"),
]
