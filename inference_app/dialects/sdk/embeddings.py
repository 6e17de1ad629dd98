"""The SDK's addresses for embeddings: of images, of texts, and how alike they are.

A model of ours that gives them is found by its id: `clip/<version>`, `perception_encoder/<version>` or the id in the
body. What the model under such an id is made of is not asked here, only that it embeds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from django.http import HttpRequest
from django.views.decorators.http import require_POST

from inference_app.dialects.sdk.requests import body_key, read_json
from inference_app.dialects.sdk.views import EMBEDDING, permitted_model
from inference_app.errors import NotOffered
from inference_app.requests.admission import admit
from inference_app.requests.images import check_images, read_images
from inference_app.requests.texts import check_texts, read_texts
from inference_app.services import inference
from packages_app.models import Package
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest
from registry.models import Model
from registry.request_identity import identify
from registry.services.access import shown

# The version that the SDK means where it names none.
DEFAULT_VERSIONS = {"clip": "ViT-B-16", "perception_encoder": "PE-Core-L14-336"}

Vector = list[float]
Kind = Literal["image", "text"]


@require_POST
@admit
def embed_image(request: HttpRequest, family: str) -> StrictJsonResponse:
    """`POST /clip/embed_image` and `/perception_encoder/embed_image`."""
    started = time.perf_counter()
    model, document = _encoder(request, family)
    vectors, _ = _embed(model, [("image", entry) for entry in _listed(document.get("image"))])
    return _answer(vectors, started)


@require_POST
@admit
def embed_text(request: HttpRequest, family: str) -> StrictJsonResponse:
    """`POST /clip/embed_text` and `/perception_encoder/embed_text`."""
    started = time.perf_counter()
    model, document = _encoder(request, family)
    vectors, _ = _embed(model, [("text", entry) for entry in _listed(document.get("text"))])
    return _answer(vectors, started)


@require_POST
@admit
def compare(request: HttpRequest, family: str) -> StrictJsonResponse:
    """`POST /clip/compare`: the cosine between a subject and one prompt or several, each an image or a text.

    Prompts in an object are answered under their names.
    """
    started = time.perf_counter()
    model, document = _encoder(request, family)
    kind = _kind(document, "prompt_type", "text")
    subject, prompts = document.get("subject"), document.get("prompt")
    if subject is None or isinstance(subject, list):
        raise InvalidRequest("`subject` is one image, or one text.")
    names = list(prompts) if isinstance(prompts, dict) and not (kind == "image" and "type" in prompts) else None
    if names is not None and isinstance(prompts, dict):
        prompts = list(prompts.values())
    entries = [(_kind(document, "subject_type", "image"), subject), *((kind, entry) for entry in _listed(prompts))]
    if len(entries) == 1:
        raise InvalidRequest("`prompt` is missing.")
    vectors, _ = _embed(model, entries)
    cosines = _cosines(vectors[0], vectors[1:])
    similarity: Any = cosines if names is None else dict(zip(names, cosines, strict=True))
    return StrictJsonResponse({"similarity": similarity, "time": time.perf_counter() - started})


@require_POST
@admit
def infer_embeddings(request: HttpRequest) -> StrictJsonResponse:
    """`POST /infer/embeddings`: the vectors of images by the model that the body names, and whose space they are in."""
    started = time.perf_counter()
    document = read_json(request)
    identity = identify(request, body_key=body_key(document))
    model_id = document.get("model_id")
    if not isinstance(model_id, str) or not model_id:
        raise InvalidRequest("`model_id` is missing.")
    model = permitted_model(model_id, identity)
    vectors, package = _embed(model, [("image", entry) for entry in _listed(document.get("image"))])
    return _answer(vectors, started, embedding_info=_info(model_id, package, len(vectors[0])))


def _encoder(request: HttpRequest, family: str) -> tuple[Model, dict[str, Any]]:
    document = read_json(request)
    identity = identify(request, body_key=body_key(document))
    version = document.get(f"{family}_version_id") or DEFAULT_VERSIONS[family]
    if not isinstance(version, str):
        raise InvalidRequest(f"`{family}_version_id` is text.")
    return permitted_model(f"{family}/{version}", identity), document


def _kind(document: dict[str, Any], name: str, default: Kind) -> Kind:
    match document.get(name, default):
        case "image":
            return "image"
        case "text":
            return "text"
    raise InvalidRequest(f"`{name}` is image or text.")


def _listed(sent: Any) -> list[Any]:
    return [] if sent is None else sent if isinstance(sent, list) else [sent]


def _embed(model: Model, entries: Sequence[tuple[Kind, Any]]) -> tuple[list[Vector], Package]:
    """The vectors of images and texts in their order, all of them by one package, which is told too.

    Everything is read and checked before a model is loaded for it.
    """
    if model.task_type != EMBEDDING:
        raise NotOffered(f"The model {shown(model.model_id)} gives no embeddings.")
    sent: dict[Kind, list[Any]] = {"image": [], "text": []}
    for kind, entry in entries:
        sent[kind].append(entry)
    if not entries:
        raise InvalidRequest("The request holds no image and no text to embed.")
    images = read_images(sent["image"]) if sent["image"] else []
    texts = read_texts(sent["text"]) if sent["text"] else []
    if images:
        check_images(images)
    check_texts(model, texts)
    outcome = inference.infer(model, images, texts=texts)
    vectors = [vector for result in outcome.reply.results for vector in result["embeddings"]]
    made = {"image": iter(vectors[: len(images)]), "text": iter(vectors[len(images) :])}
    return [next(made[kind]) for kind, _ in entries], outcome.package


def _cosines(subject: Vector, others: Sequence[Vector]) -> list[float]:
    one, many = np.asarray(subject, dtype=np.float64), np.asarray(others, dtype=np.float64)
    cosines: list[float] = (many @ one / (np.linalg.norm(many, axis=1) * np.linalg.norm(one) + 1e-12)).tolist()
    return cosines


def _info(model_id: str, package: Package, dimension: int) -> dict[str, Any]:
    """What the SDK's users compare before they compare vectors: they mean the same only within one space."""
    model = package.model
    return {
        "model_id": model_id,
        "feature_definition": model.architecture,
        "output_type": "feature_vector",
        "dimension": dimension,
        "normalization": "none",
        "preprocessing": model.architecture,
        "space_id": f"{model.model_id}:{model.architecture}:{dimension}",
        "backend": package.backend,
        "precision": package.quantization,
    }


def _answer(vectors: list[Vector], started: float, **others: Any) -> StrictJsonResponse:
    # The SDK reads frame_id and time without looking whether they are there.
    return StrictJsonResponse(
        {"inference_id": None, "frame_id": None, "time": time.perf_counter() - started, "embeddings": vectors, **others}
    )
