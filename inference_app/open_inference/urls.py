"""Addresses of the Open Inference Protocol. A model's name may hold slashes, so that suffixes come first."""

from __future__ import annotations

from django.urls import path

from inference_app.open_inference import views

urlpatterns = [
    path("", views.server_metadata),
    path("/health/live", views.live),
    path("/health/ready", views.ready),
    path("/models/<path:name>/versions/<str:version>/ready", views.model_ready),
    path("/models/<path:name>/versions/<str:version>/infer", views.infer),
    path("/models/<path:name>/versions/<str:version>", views.model_metadata),
    path("/models/<path:name>/ready", views.model_ready),
    path("/models/<path:name>/infer", views.infer),
    path("/models/<path:name>", views.model_metadata),
]
