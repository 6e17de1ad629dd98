"""The SDK's addresses for embeddings: of images by CLIP, Perception Encoder and classifiers.

The shapes are here for the families that give embeddings. A model of ours that gives them is found by its id:
`clip/<version>`, `perception_encoder/<version>` or the id in the body.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from django.http import HttpRequest
from django.views.decorators.http import require_POST

from inference_app.dialects.sdk.requests import body_key, read_json
from inference_app.dialects.sdk.views import permitted_model
from inference_app.errors import NotOffered
from inference_app.requests.admission import admit
from inference_app.requests.images import check_images, read_images
from inference_app.services import inference
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest
from registry.models import Model
from registry.request_identity import identify
from registry.services.access import shown

EMBEDDING = "embedding"
# The version that the SDK means where it names none.
DEFAULT_VERSIONS = {"clip": "ViT-B-16", "perception_encoder": "PE-Core-L14-336"}


@require_POST
@admit
def embed_image(request: HttpRequest, family: str) -> StrictJsonResponse:
    """`POST /clip/embed_image` and `/perception_encoder/embed_image`."""
    started = time.perf_counter()
    model, document = _encoder(request, family)
    return _answer(_embed(model, _images(document.get("image"))), started)


@require_POST
@admit
def embed_text(request: HttpRequest, family: str) -> StrictJsonResponse:
    """`POST /clip/embed_text` and `/perception_encoder/embed_text`."""
    _encoder(request, family)
    raise NotOffered(f"/{family}/embed_text: this server has no model that embeds text yet.")


@require_POST
@admit
def compare(request: HttpRequest, family: str) -> StrictJsonResponse:
    """`POST /clip/compare`: the cosine between a subject and one prompt or several, images all of them."""
    started = time.perf_counter()
    model, document = _encoder(request, family)
    if document.get("subject_type", "image") != "image" or document.get("prompt_type", "text") != "image":
        raise NotOffered(
            f"/{family}/compare: this server has no model that embeds text yet; compare images with images."
        )
    prompts = document.get("prompt")
    names = list(prompts) if isinstance(prompts, dict) and "type" not in prompts else None
    images = [prompts[name] for name in names] if names is not None and isinstance(prompts, dict) else prompts
    # All of them are looked at before the model is loaded for the first.
    subject_images, prompt_images = _images(document.get("subject")), _images(images)
    subject = np.asarray(_embed(model, subject_images), dtype=np.float64)[0]
    others = np.asarray(_embed(model, prompt_images), dtype=np.float64)
    cosines = (others @ subject / (np.linalg.norm(others, axis=1) * np.linalg.norm(subject) + 1e-12)).tolist()
    similarity: Any = dict(zip(names, cosines, strict=True)) if names is not None else cosines
    return StrictJsonResponse({"similarity": similarity, "time": time.perf_counter() - started})


@require_POST
@admit
def infer_embeddings(request: HttpRequest) -> StrictJsonResponse:
    """`POST /infer/embeddings`: the features of a classifier."""
    started = time.perf_counter()
    document = read_json(request)
    identity = identify(request, body_key=body_key(document))
    model_id = document.get("model_id")
    if not isinstance(model_id, str) or not model_id:
        raise InvalidRequest("`model_id` is missing.")
    model = permitted_model(model_id, identity)
    return _answer(_embed(model, _images(document.get("image"))), started)


def _encoder(request: HttpRequest, family: str) -> tuple[Model, dict[str, Any]]:
    document = read_json(request)
    identity = identify(request, body_key=body_key(document))
    version = document.get(f"{family}_version_id") or DEFAULT_VERSIONS[family]
    if not isinstance(version, str):
        raise InvalidRequest(f"`{family}_version_id` is text.")
    return permitted_model(f"{family}/{version}", identity), document


def _images(sent: Any) -> list[bytes]:
    if sent is None or sent == []:
        raise InvalidRequest("The request holds no image.")
    images = read_images(sent)
    check_images(images)
    return images


def _embed(model: Model, images: list[bytes]) -> list[list[float]]:
    if model.task_type != EMBEDDING:
        raise NotOffered(f"The model {shown(model.model_id)} gives no embeddings.")
    outcome = inference.infer(model, images)
    return [vector for result in outcome.reply.results for vector in result["embeddings"]]


def _answer(vectors: list[list[float]], started: float) -> StrictJsonResponse:
    # The SDK reads frame_id and time without looking whether they are there.
    return StrictJsonResponse(
        {"inference_id": None, "frame_id": None, "time": time.perf_counter() - started, "embeddings": vectors}
    )
