from __future__ import annotations

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference_app"
    verbose_name = "Inference"

    def ready(self) -> None:
        from inference_app.error_pages import explain_all

        explain_all()
