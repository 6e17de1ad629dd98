from __future__ import annotations

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference_app"
    verbose_name = "Inference"

    def ready(self) -> None:
        from backends.errors import BackendError
        from inference_app.error_pages import as_weighbridge_error, explain_all
        from inference_app.open_inference.errors import error_shape
        from inference_app.services import trying
        from negotiation.errors import NegotiationError
        from packages_app.services import trials
        from registry.api.errors import add_error_shape, add_translation

        explain_all()
        trials.register_runner(trying.run)
        add_translation(BackendError, as_weighbridge_error)
        add_translation(NegotiationError, as_weighbridge_error)
        add_error_shape("/v2", error_shape)
