"""Addresses of inference and negotiation."""

from __future__ import annotations

from django.urls import path

from inference_app.api.infer import InferView

urlpatterns = [
    path("api/v1/models/<path:model_id>/infer", InferView.as_view(), name="infer"),
]
