"""The SDK's addresses. `/{project}/{version}` takes every path of two segments and therefore comes last of all."""

from __future__ import annotations

import re

from django.urls import path, re_path

from inference_app.dialects.sdk import embeddings, management, unsupported, views

_ENCODER = r"(?P<family>clip|perception_encoder)"
_NOT_OFFERED = "|".join(map(re.escape, unsupported.NOT_OFFERED))

urlpatterns = [
    path("info", management.info),
    path("model/registry", management.registry),
    path("model/add", management.add),
    path("model/remove", management.remove),
    path("model/clear", management.clear),
    path("infer/embeddings", embeddings.infer_embeddings),
    re_path(r"^infer/(?P<task>" + "|".join(views.TASKS) + r")$", views.infer_v1),
    path("infer/depth-estimation/<path:model_id>", views.infer_v1, {"task": "depth-estimation"}),
    re_path(rf"^{_ENCODER}/embed_image$", embeddings.embed_image),
    re_path(rf"^{_ENCODER}/embed_text$", embeddings.embed_text),
    re_path(rf"^{_ENCODER}/compare$", embeddings.compare),
    path("gaze/gaze_detection", unsupported.removed),
    re_path(rf"^(?P<feature>{_NOT_OFFERED})(?:/.*)?$", unsupported.not_offered),
    re_path(r"^[^/]+/(?P<feature>workflows)/[^/]+$", unsupported.not_offered),
    re_path(r"^(?P<project>[^/]+)/(?P<version>[^/]+)$", views.two_segments),
]
