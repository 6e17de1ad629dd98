"""`POST /api/v1/models/<id>/infer`: pictures in, predictions out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from inference_app.dialects.native.answers import native_prediction
from inference_app.dialects.native.infer_description import InferAnswer
from inference_app.requests.admission import admitted
from inference_app.requests.bodies import parse_json, parse_multipart, read_body
from inference_app.requests.images import check_pictures, read_pictures
from inference_app.services import inference
from negotiation import NegotiationRequest
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest, TokenRequired
from registry.request_identity import identify
from registry.services.access import find_model, require_run

# Fields of the request that choose the package; all others are parameters of the inference.
CHOICE_FIELDS = ("package_id", "backend", "quantization", "device")
EXPLAIN_FIELD = "explain"
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})


class InferView(APIView):
    """Runs the model on one picture or several."""

    parser_classes = ()

    @extend_schema(
        operation_id="infer",
        tags=["inference"],
        parameters=[
            OpenApiParameter("model_id", str, OpenApiParameter.PATH, description="Id or alias, slashes included."),
            OpenApiParameter("confidence", str, description="Least confidence, 0 to 1, or `best` or `default`."),
            OpenApiParameter("iou_threshold", float, description="Boxes that overlap more are suppressed."),
            OpenApiParameter("max_detections", int),
            OpenApiParameter("class_agnostic_nms", bool),
            OpenApiParameter("class_filter", str, description="Names to keep, as a JSON list or comma-separated."),
            OpenApiParameter("mask_format", str, enum=["polygon", "rle"]),
            OpenApiParameter("pre_processing_overrides", str, description="JSON object of steps to leave out."),
            OpenApiParameter("package_id", str, description="Run this package and no other."),
            OpenApiParameter("backend", str),
            OpenApiParameter("quantization", str),
            OpenApiParameter("explain", bool, description="Add why this package was chosen over the others."),
        ],
        request={
            "image/jpeg": OpenApiTypes.BINARY,
            "multipart/form-data": OpenApiTypes.OBJECT,
            "application/json": OpenApiTypes.OBJECT,
        },
        responses={200: InferAnswer},
        examples=[
            OpenApiExample(
                "one picture",
                response_only=True,
                value={
                    "model_id": "demo/shapes",
                    "package": {"package_id": "0f…", "backend": "onnx", "quantization": "fp32", "why": "the only one"},
                    "image": {"width": 640, "height": 480},
                    "predictions": [
                        {
                            "x_min": 10.0, "y_min": 20.0, "x_max": 110.0, "y_max": 120.0,
                            "class": "circle", "class_id": 0, "confidence": 0.97,
                        }
                    ],
                    "timings": {"total": 12.3},
                },
            )
        ],
    )  # fmt: skip
    def post(self, request: Request, model_id: str) -> HttpResponse:
        """Runs the model on one picture or several.

        The body is a picture, a form with pictures as files, or JSON with pictures as base64; parameters are in the
        query, the form or the JSON.
        """
        # Whoever describes the API looks for this method; requests go past it.
        return self.dispatch(request._request, model_id=model_id)

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        """POST past the framework: its request, negotiation and renderer cost a tenth of what a picture costs us.

        Errors take the usual form all the same, in ErrorShapeMiddleware.
        """
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)
        with admitted():
            return self._infer(request, kwargs["model_id"])

    def _infer(self, request: HttpRequest, model_id: str) -> StrictJsonResponse:
        identity = identify(request)
        model = find_model(model_id, identity)
        require_run(model, identity)
        images, fields = read_inputs(request)
        check_pictures(images)
        choice_request, explain = take_choice(fields)
        if explain and identity.token is None:
            raise TokenRequired("The explanation tells what this machine is: it needs an access token.")
        outcome = inference.infer(model, images, fields, request=choice_request)
        return StrictJsonResponse(native_answer(outcome, explain=explain))


def read_inputs(request: HttpRequest) -> tuple[list[bytes], dict[str, Any]]:
    """Pictures and fields of a request: raw bytes as the body, files and fields of a multipart form, or JSON.

    JSON is an object with `image` or `images`, `{"type": "base64", "value": ...}` each, and fields beside. Fields of
    the query come first, those of the body win. Raises RequestTooLarge, InvalidRequest and InputRefused.
    """
    fields = {name: value for name, value in request.GET.items() if name != "api_key"}
    body = read_body(request)
    if request.content_type == "multipart/form-data":
        form = parse_multipart(request, body)
        fields.update({name: value for name, value in form.fields.items() if name != "api_key"})
        return [content for _, content in form.files], fields
    if request.content_type == "application/json" and body:
        document = parse_json(body)
        if not isinstance(document, dict):
            raise InvalidRequest("The body is not a JSON object.")
        images = document.pop("images", None) or document.pop("image", None)
        fields.update({name: value for name, value in document.items() if name != "api_key"})
        return read_pictures(images), fields
    if not body:
        raise InvalidRequest("The body is empty: send the bytes of a picture, or a multipart form with files.")
    return [body], fields


def take_choice(fields: dict[str, Any]) -> tuple[NegotiationRequest | None, bool]:
    """Remove from ``fields`` what bears on the choice of the package; None where nothing does."""
    explain = str(fields.pop(EXPLAIN_FIELD, "")).lower() in TRUE_WORDS
    chosen = {name: fields.pop(name) for name in CHOICE_FIELDS if fields.get(name)}
    for name in CHOICE_FIELDS:
        fields.pop(name, None)
    if not chosen:
        return None, explain
    arguments = {("model_package_id" if name == "package_id" else name): value for name, value in chosen.items()}
    return NegotiationRequest.from_json(arguments), explain


def native_answer(outcome: inference.Outcome, *, explain: bool) -> dict[str, Any]:
    """The answer of the native API: one picture flat, several under `results`."""
    package = outcome.package
    answer: dict[str, Any] = {
        "model_id": package.model.model_id,
        "package": {
            "package_id": package.package_id,
            "backend": package.backend,
            "quantization": package.quantization,
            "why": why(outcome),
        },
    }
    results = [_native_result(result) for result in outcome.reply.results]
    if len(results) == 1:
        answer.update(results[0])
    else:
        answer["results"] = results
    answer["timings"] = {
        **{stage: round(milliseconds, 3) for stage, milliseconds in outcome.reply.timings.items()},
        "server": round(outcome.milliseconds, 3),
    }
    if explain:
        answer["explanation"] = outcome.choice.explanation.to_json()
    return answer


def why(outcome: inference.Outcome) -> str:
    """One sentence: why this package ran."""
    choice = outcome.choice
    others = len(choice.explanation.package_ids) - 1
    if outcome.package != choice.candidates[0]:
        return "The packages ranked above it could not be loaded on this machine."
    if choice.set_aside:
        aside = len(choice.set_aside)
        return f"The best of those that were not set aside ({aside} {'was' if aside == 1 else 'were'})."
    if others == 0:
        return "It is the model's only published package."
    if len(choice.candidates) == 1:
        return f"It is the only one of {others + 1} packages that runs on this machine."
    return f"It ranks above {len(choice.candidates) - 1} other that run here, by {choice.explanation.decided_by[0]}."


def _native_result(result: Mapping[str, Any]) -> dict[str, Any]:
    native = dict(result)
    predictions = result.get("predictions")
    if isinstance(predictions, list):
        native["predictions"] = [native_prediction(prediction) for prediction in predictions]
    return native
