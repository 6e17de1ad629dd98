from __future__ import annotations

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference_app"
    verbose_name = "Inference"

    def ready(self) -> None:
        from inference_app.error_pages import explain_all
        from inference_app.open_inference.errors import error_shape
        from registry.api.errors import add_error_shape

        explain_all()
        add_error_shape("/v2", error_shape)
