"""Addresses of the native API below `api/v1/`. The busiest comes first: they are tried in order."""

from __future__ import annotations

from django.urls import path, re_path

from inference_app.dialects.native.describe import ModelListView, ModelView, PackageView
from inference_app.dialects.native.environment import EnvironmentView
from inference_app.dialects.native.machines import MachineListView
from inference_app.dialects.native.negotiate import NegotiateView
from inference_app.dialects.native.views import infer

urlpatterns = [
    path("models/<path:model_id>/infer", infer, name="infer"),
    path("models/<path:model_id>/negotiate", NegotiateView.as_view(), name="negotiate"),
    path("models", ModelListView.as_view(), name="models"),
    path("environment", EnvironmentView.as_view(), name="environment"),
    path("machines", MachineListView.as_view(), name="machines"),
    re_path(
        r"^models/(?P<model_id>.+)/packages/(?P<package_id>[0-9a-f]{32})$", PackageView.as_view(), name="model-package"
    ),
    # Ids hold slashes: what ends in none of the above is a model.
    path("models/<path:model_id>", ModelView.as_view(), name="model"),
]
