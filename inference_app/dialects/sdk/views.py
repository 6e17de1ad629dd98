"""The SDK's addresses for inference."""

from __future__ import annotations

import base64
import time
import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from inference_app.dialects.sdk.answers import answer, detections
from inference_app.dialects.sdk.names import find_sent_model
from inference_app.dialects.sdk.requests import InferRequest, body_key, parse_v0, parse_v1, read_json, read_v0_images
from inference_app.dialects.sdk.visualisation import draw
from inference_app.requests.admission import admit
from inference_app.requests.images import check_images, read_images
from inference_app.requests.unsupported import shown_path
from inference_app.services import inference
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest, NotFound
from registry.limits import RESERVED_FIRST_SEGMENTS
from registry.models import Model
from registry.request_identity import identify
from registry.services.access import require_run, shown
from registry.services.tokens import Identity

JPEG = "image/jpeg"
EMBEDDING = "embedding"

# The tasks that each address of mode v1 answers.
TASKS = {
    "object_detection": frozenset({"object-detection", "open-vocabulary-object-detection"}),
    "instance_segmentation": frozenset({"instance-segmentation"}),
    "classification": frozenset({"classification", "multi-label-classification"}),
    "keypoints_detection": frozenset({"keypoint-detection"}),
    "semantic_segmentation": frozenset({"semantic-segmentation"}),
    "depth-estimation": frozenset({"depth-estimation"}),
}


@require_POST
@admit
def infer_v1(request: HttpRequest, task: str, model_id: str | None = None) -> HttpResponse:
    """`POST /infer/<task>`: a JSON body with the key, the model, the image or images, and the configuration.

    ``model_id``: the model as the address has it, where the SDK can put it there.
    """
    document = read_json(request)
    if model_id is not None and document.setdefault("model_id", model_id) != model_id:
        raise InvalidRequest("The address names another model than the body.")
    identity = identify(request, body_key=body_key(document))
    asked = parse_v1(document)
    model = permitted_model(asked.model_id, identity)
    if model.task_type not in TASKS[task]:
        raise InvalidRequest(
            f"The model {shown(asked.model_id)} is for {model.task_type}, which /infer/{task} does not answer."
        )
    bodies = _run(model, asked, read_images(document.get("image")))
    return StrictJsonResponse(bodies if asked.is_list else bodies[0], safe=False)


def two_segments(request: HttpRequest, project: str, version: str) -> HttpResponse:
    """Any path of two segments that nothing else answers: mode v0, unless the first is an address of our own."""
    if project.lower() in RESERVED_FIRST_SEGMENTS:
        raise NotFound(f"{shown_path(request)}: there is nothing at this address.")
    return infer_v0(request, project, version)


@require_POST
@admit
def infer_v0(request: HttpRequest, project: str, version: str) -> HttpResponse:
    """`POST /<project>/<version>`: the image as base64 text or as a form, the configuration in the query."""
    identity = identify(request)
    asked = parse_v0(request.GET.dict(), f"{project}/{version}")
    model = permitted_model(asked.model_id, identity)
    if model.task_type == EMBEDDING:
        raise InvalidRequest(
            f"The model {shown(asked.model_id)} gives embeddings: POST /infer/embeddings answers them."
        )
    (body,) = _run(model, asked, read_v0_images(request))
    if asked.response == "image":
        return HttpResponse(base64.b64decode(body["visualization"]), content_type=JPEG)
    return StrictJsonResponse(body)


def permitted_model(name: str, identity: Identity) -> Model:
    """The model, if ``identity`` may run it. Raises as `find_model` does, and InsufficientScope."""
    model = find_sent_model(name, identity)
    require_run(model, identity)
    return model


def _run(model: Model, asked: InferRequest, images: list[bytes]) -> list[dict[str, Any]]:
    check_images(images)
    deadline = time.monotonic() + settings.MODEL_HOST_DEADLINE_SECONDS
    outcome = inference.infer(model, images, asked.parameters)
    # One id for a whole batch, as the SDK's own server has it.
    inference_id = str(uuid.uuid4())
    bodies = [answer(result, outcome, asked, inference_id) for result in outcome.reply.results]
    if asked.visualize:
        for body, result, image in zip(bodies, outcome.reply.results, images, strict=True):
            drawn = draw(
                image,
                result,
                detections(result, asked),
                labels=asked.labels,
                stroke_width=asked.stroke_width,
                deadline=deadline,
            )
            body["visualization"] = base64.b64encode(drawn).decode()
    return bodies
