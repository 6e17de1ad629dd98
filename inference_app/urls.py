"""Addresses of inference and negotiation. The dialect that takes any two segments comes last."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from inference_app.api import operations
from inference_app.api.describe import ModelListView, ModelView, PackageView
from inference_app.api.environment import EnvironmentView
from inference_app.api.infer import InferView
from inference_app.api.machines import MachineListView
from inference_app.api.negotiate import NegotiateView

urlpatterns = [
    path("", operations.home, name="home"),
    path("healthz", operations.health, name="health"),
    path("readiness", operations.readiness, name="readiness"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/v1/environment", EnvironmentView.as_view(), name="environment"),
    path("api/v1/machines", MachineListView.as_view(), name="machines"),
    path("api/v1/models", ModelListView.as_view(), name="models"),
    path("api/v1/models/<path:model_id>/infer", InferView.as_view(), name="infer"),
    path("api/v1/models/<path:model_id>/negotiate", NegotiateView.as_view(), name="negotiate"),
    re_path(
        r"^api/v1/models/(?P<model_id>.+)/packages/(?P<package_id>[0-9a-f]{32})$",
        PackageView.as_view(),
        name="model-package",
    ),
    path("v2", include("inference_app.open_inference.urls")),
    # Ids hold slashes: what ends in none of the above is a model.
    path("api/v1/models/<path:model_id>", ModelView.as_view(), name="model"),
    path("", include("inference_app.sdk.urls")),
]
