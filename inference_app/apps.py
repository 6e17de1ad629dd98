from __future__ import annotations

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference_app"
    verbose_name = "Inference"

    def ready(self) -> None:
        from backends.errors import BackendError
        from inference_app.error_pages import as_weighbridge_error, explain_all
        from inference_app.open_inference.errors import error_shape
        from negotiation.errors import NegotiationError
        from registry.api.errors import add_error_shape, add_translation

        explain_all()
        add_translation(BackendError, as_weighbridge_error)
        add_translation(NegotiationError, as_weighbridge_error)
        add_error_shape("/v2", error_shape)
