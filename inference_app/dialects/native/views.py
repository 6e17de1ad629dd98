"""`POST /api/v1/models/<id>/infer`: images in, predictions out."""

from __future__ import annotations

from django.http import HttpRequest
from django.views.decorators.http import require_POST

from inference_app.dialects.native.answers import answer
from inference_app.dialects.native.requests import parse_request
from inference_app.requests.admission import admit
from inference_app.requests.texts import check_texts
from inference_app.services import inference
from registry.api.strict_json import StrictJsonResponse
from registry.errors import TokenRequired
from registry.request_identity import identify
from registry.services.access import find_model, require_run


@require_POST
@admit
def infer(request: HttpRequest, model_id: str) -> StrictJsonResponse:
    """Runs the model on one image or several, or on texts."""
    identity = identify(request)
    model = find_model(model_id, identity)
    require_run(model, identity)
    asked = parse_request(request)
    if asked.explain and identity.token is None:
        raise TokenRequired("The explanation tells what this machine is: it needs an access token.")
    check_texts(model, asked.texts)
    outcome = inference.infer(model, asked.images, asked.parameters, texts=asked.texts, request=asked.choice)
    return StrictJsonResponse(answer(outcome, explain=asked.explain, map_format=asked.map_format))
