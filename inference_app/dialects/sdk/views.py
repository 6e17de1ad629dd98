"""The SDK's addresses for inference."""

from __future__ import annotations

import base64
import time
import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from inference_app.dialects.sdk.answers import answer
from inference_app.dialects.sdk.names import find_sent_model
from inference_app.dialects.sdk.requests import (
    SdkRequest,
    body_key,
    parse_v0,
    parse_v1,
    read_json,
    read_v0_pictures,
)
from inference_app.dialects.sdk.unsupported import shown_path
from inference_app.dialects.sdk.visualisation import draw
from inference_app.requests.admission import admit
from inference_app.requests.images import check_pictures, read_pictures
from inference_app.services import inference
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest, NotFound
from registry.limits import RESERVED_FIRST_SEGMENTS
from registry.models import Model
from registry.request_identity import identify
from registry.services.access import require_run, shown
from registry.services.tokens import Identity

JPEG = "image/jpeg"

# The tasks that each address of mode v1 answers.
TASKS = {
    "object_detection": frozenset({"object-detection", "open-vocabulary-object-detection"}),
    "instance_segmentation": frozenset({"instance-segmentation"}),
    "classification": frozenset({"classification", "multi-label-classification"}),
    "keypoints_detection": frozenset({"keypoint-detection"}),
}


@csrf_exempt
@require_POST
@admit
def infer_v1(request: HttpRequest, task: str) -> HttpResponse:
    """`POST /infer/<task>`: a JSON body with the key, the model, the picture or pictures, and the configuration."""
    document = read_json(request)
    identity = identify(request, body_key=body_key(document))
    parsed = parse_v1(document)
    model = permitted_model(parsed.model_id, identity)
    if model.task_type not in TASKS[task]:
        raise InvalidRequest(
            f"The model {shown(parsed.model_id)} is for {model.task_type}, which /infer/{task} does not answer."
        )
    images = read_pictures(document.get("image"))
    bodies = _run(model, parsed, images)
    return StrictJsonResponse(bodies if parsed.is_list else bodies[0], safe=False)


@csrf_exempt
def two_segments(request: HttpRequest, project: str, version: str) -> HttpResponse:
    """Any path of two segments that nothing else answers: mode v0, unless the first is an address of our own."""
    if project.lower() in RESERVED_FIRST_SEGMENTS:
        raise NotFound(f"{shown_path(request)}: there is nothing at this address.")
    return infer_v0(request, project, version)


@require_POST
@admit
def infer_v0(request: HttpRequest, project: str, version: str) -> HttpResponse:
    """`POST /<project>/<version>`: the picture as base64 text or as a form, the configuration in the query."""
    identity = identify(request)
    parsed = parse_v0(request.GET.dict(), f"{project}/{version}")
    model = permitted_model(parsed.model_id, identity)
    images = read_v0_pictures(request)
    (body,) = _run(model, parsed, images)
    if parsed.response == "image":
        return HttpResponse(base64.b64decode(body["visualization"]), content_type=JPEG)
    return StrictJsonResponse(body)


def permitted_model(name: str, identity: Identity) -> Model:
    """The model, if ``identity`` may run it. Raises as `find_model` does, and InsufficientScope."""
    model = find_sent_model(name, identity)
    require_run(model, identity)
    return model


def _run(model: Model, parsed: SdkRequest, images: list[bytes]) -> list[dict[str, Any]]:
    check_pictures(images)
    deadline = time.monotonic() + settings.MODEL_HOST_DEADLINE_SECONDS
    outcome = inference.infer(model, images, parsed.parameters)
    # One id for a whole batch, as the SDK's own server has it.
    inference_id = str(uuid.uuid4())
    bodies = [answer(result, outcome, parsed, inference_id) for result in outcome.reply.results]
    if parsed.visualize:
        for body, image in zip(bodies, images, strict=True):
            drawn = draw(image, body, labels=parsed.labels, stroke_width=parsed.stroke_width, deadline=deadline)
            body["visualization"] = base64.b64encode(drawn).decode()
    return bodies
