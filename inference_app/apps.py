from __future__ import annotations

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference_app"
    verbose_name = "Inference"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from backends.errors import BackendError
        from inference_app.dialects.native import description as native
        from inference_app.dialects.open_inference import description as open_inference
        from inference_app.dialects.open_inference.errors import error_shape
        from inference_app.dialects.sdk import description as sdk
        from inference_app.error_pages import as_weighbridge_error, explain_all
        from inference_app.operations import description as operations
        from inference_app.services import copies, first_credentials, trying
        from negotiation.errors import NegotiationError
        from packages_app.services import trials
        from registry.api.errors import add_error_shape, add_translation
        from registry.api.schema import add_error_schema, add_paths

        explain_all()
        trials.register_runner(trying.run)
        copies.listen()
        add_translation(BackendError, as_weighbridge_error)
        add_translation(NegotiationError, as_weighbridge_error)
        add_error_shape("/v2", error_shape)
        for part in (operations, native, open_inference, sdk):
            add_paths(part.TAG, part.ABOUT, part.PATHS)
        add_error_schema("/v2", "OpenInferenceError", open_inference.ERROR)
        user_logged_in.connect(first_credentials.remove, dispatch_uid="first-credentials")
