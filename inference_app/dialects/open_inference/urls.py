"""Addresses of the Open Inference Protocol. A model's name may hold slashes, so that suffixes come first."""

from __future__ import annotations

import re

from django.urls import path, re_path

from inference_app.dialects.open_inference import unsupported, views

_OF_THE_SERVER = "|".join(map(re.escape, unsupported.OF_THE_SERVER))
_WITH_MORE = "repository|systemsharedmemory|cudasharedmemory|trace|server"
_OF_A_MODEL = "|".join(map(re.escape, unsupported.OF_A_MODEL))

urlpatterns = [
    path("", views.server_metadata),
    path("/health/live", views.live),
    path("/health/ready", views.ready),
    re_path(rf"^/(?P<feature>{_OF_THE_SERVER})/?$", unsupported.of_the_server),
    re_path(rf"^/(?P<feature>{_WITH_MORE})/.+$", unsupported.of_the_server),
    re_path(rf"^/models/(?P<name>.+)/(?P<feature>{_OF_A_MODEL})$", unsupported.of_a_model),
    path("/models/<path:name>/versions/<str:version>/ready", views.model_ready),
    path("/models/<path:name>/versions/<str:version>/infer", views.infer),
    path("/models/<path:name>/versions/<str:version>", views.model_metadata),
    path("/models/<path:name>/ready", views.model_ready),
    path("/models/<path:name>/infer", views.infer),
    path("/models/<path:name>", views.model_metadata),
]
